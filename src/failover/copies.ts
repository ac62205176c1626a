import { describeError } from '../model/fault.js';
import type { ServerSettings } from '../model/settings.js';
import type { CopyRequest, Recovery, SourceLog } from '../ports/recovery.js';
import { deadline } from './deadline.js';
import type { Former, SourceInQuestion } from './hand.js';

/** A host that has not told by then is gone together with the source, for all that is known. */
const lookMs = 3_000;

export interface Copies {
  readonly found: readonly SourceLog[];
  /** Of the others: why theirs cannot be used, in sentences. */
  readonly missing: readonly string[];
}

export interface CopyLook {
  /** When all hosts have told, or their time is over; never rejects. */
  readonly all: Promise<Copies>;
  /** Of those that have told already. */
  soFar(): Copies;
}

export const noCopies: Copies = { found: [], missing: [] };

/** What `[binlogN]` hosts hold of the source's log. All at once, each with a deadline of its own. */
export function lookForCopies(
  source: SourceInQuestion,
  formers: Iterable<Former>,
  hosts: readonly ServerSettings[],
  recovery: Pick<Recovery, 'findCopy'>,
  signal: AbortSignal,
): CopyLook {
  const found: SourceLog[] = [];
  const missing: string[] = [];
  const name = logName(source, formers);
  const looks = hosts.map(async (host) => {
    const label = labelOf(host);
    if (name === undefined) {
      missing.push(`${label}: what the files of ${source.id} are called is not known`);
      return;
    }
    const request = { host: host.id, directories: host.binlogDirs, name, serverId: source.serverId };
    const seen = await askInTime(request, recovery, signal);
    if (typeof seen === 'string') missing.push(`${label}: ${seen}`);
    else found.push({ ...seen, copy: label });
  });
  const soFar = (): Copies => ({ found: [...found], missing: [...missing] });
  return { all: Promise.all(looks).then(soFar), soFar };
}

async function askInTime(
  request: CopyRequest,
  recovery: Pick<Recovery, 'findCopy'>,
  signal: AbortSignal,
): Promise<SourceLog | string> {
  const limit = deadline(signal, lookMs, 'the look at its copy');
  try {
    const found = await recovery.findCopy(request, limit.signal);
    return found.found ? found.log : found.why;
  } catch (error) {
    return describeError(error);
  } finally {
    limit.met();
  }
}

/** As people call it: `binlog1 backup7`. */
function labelOf({ block, hostname }: ServerSettings): string {
  return `${block} ${hostname}`;
}

/** A copy has the names of the source's own files: as it said itself, or as its replicas read them. */
export function logName({ binlogBase }: SourceInQuestion, formers: Iterable<Former>): string | undefined {
  if (binlogBase !== undefined) return binlogBase.slice(binlogBase.lastIndexOf('/') + 1);
  const files = [...formers].flatMap(({ channel }) => [channel.received?.file, channel.executed?.file]);
  const file = files.find((one) => one !== undefined && /\.\d+$/.test(one));
  return file?.slice(0, file.lastIndexOf('.'));
}
