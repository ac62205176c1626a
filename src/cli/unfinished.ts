import { takeFailoverLocks } from '../failover/locks.js';
import type { Overtaken } from '../failover/overtaken.js';
import { type AddressRecord, type FormerRecord, putBack, putBackAddress } from '../failover/put-back.js';
import { Fault } from '../model/fault.js';
import { type Picture, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { UnfinishedRun, Workdir } from '../ports/workdir.js';
import { benchOf, lookAgain, observeMs, removeAside, serversOf, withoutSource } from './former-run.js';
import type { Parts } from './parts.js';
import { settleLeft } from './settle-left.js';

const addressMs = 30_000;
const opening = 'open-for-writes:';

/**
 * What a manager that was killed in the middle left behind. Before the point of no return it is put back, so that the command
 * that is starting finds the cluster as it was; behind it somebody must look first.
 */
export async function settleUnfinishedRuns(parts: Parts, workdir: Workdir, say: (text: string) => void): Promise<void> {
  for (const unfinished of await workdir.unfinishedRuns()) await settle(unfinished, parts, say);
}

async function settle(unfinished: UnfinishedRun, parts: Parts, say: (text: string) => void): Promise<void> {
  const { atWork, left, path: folder } = unfinished;
  // It is over, also where its process still is: for its report script, or to show its status (--wait-on-failover-error).
  if (left !== undefined) return settleLeft(unfinished, left, parts, say);
  // Its locks would stop us as well, but not before it was told to be dead, or its journal was given an end.
  if (atWork !== undefined) throw new Fault('RUN_AT_WORK', { path: folder, pid: atWork });
  const opened = unfinished.begun.find((step) => step.startsWith(opening));
  if (opened !== undefined) {
    const { path, remembered } = unfinished;
    const place = remembered.get(opened) ?? 'where they go on is not known';
    throw new Fault('RUN_UNFINISHED', { path, server: opened.slice(opening.length), place });
  }
  if (unfinished.former === undefined) {
    say(`note: the run in ${unfinished.path} was ended by force before it changed anything`);
    await unfinished.finish('it had changed nothing');
    return;
  }
  const record = JSON.parse(unfinished.former) as FormerRecord;
  const everybody = [record.source, ...record.formers.map(({ server }) => server)];
  const isConfigured = (id: ServerId): boolean => parts.settings.servers.some((server) => server.id === id);
  if (!isConfigured(record.source))
    throw overtakenFault(unfinished, { server: record.source, how: 'it is not in the configuration any more' });
  const { picture, since } = await lookAgain(record, parts);
  if (since !== undefined) throw overtakenFault(unfinished, since);
  const unseen = calledToOpen(unfinished).find((id) => isConfigured(id) && mayTakeWrites(picture, id));
  if (unseen !== undefined)
    throw new Fault('RUN_UNFINISHED', { path: folder, server: unseen, place: 'where they go on is not known' });
  say(`warning: the run in ${unfinished.path} was ended by force; putting back what it had changed`);
  const answers = (id: ServerId): boolean => stateOf(picture, id) !== undefined;
  // One that is gone must not keep the others as they are: a failover may be what this command is for.
  const away = everybody.filter((one) => !answers(one) && isChanged(record, one));
  // The source of a switch takes writes again when it is back, or not, as its option file says: that is for a person to look at.
  const isLater = record.command === 'failover';
  const rest = isLater ? 'a later command that finds it answering does that' : 'look at it when it is back';
  for (const id of away) say(`warning: ${id} does not answer: what that run changed there is not put back; ${rest}`);
  const answering = record.formers.filter(({ server }) => answers(server));
  // Where nobody answers it is rather we who are cut off, and asking for the locks says so.
  const formers = answering.length === 0 ? record.formers : answering;
  const replicas = formers.map(({ server }) => server);
  // A run that is still at work holds these locks; a dead one's went with its connections.
  const locks = await takeFailoverLocks(parts.servers, replicas, 0, AbortSignal.timeout(observeMs));
  try {
    await putBack({ ...(answers(record.source) ? record : withoutSource(record)), formers }, benchOf(parts));
    if (parts.settings.writerVip !== undefined) {
      const address = { addresses: parts.addresses, signal: AbortSignal.timeout(addressMs) };
      for (const trouble of await putBackAddress(addressRecord(unfinished), address)) say(`warning: ${trouble}`);
    }
    await removeAside(unfinished, isConfigured, parts, say);
    const later = isLater ? away.filter(isConfigured) : [];
    await (later.length > 0 ? unfinished.leave(later) : unfinished.finish('put back by a later command'));
  } finally {
    for (const session of locks) session.close();
  }
}

function overtakenFault({ path }: UnfinishedRun, { server, how }: Overtaken): Fault {
  return new Fault('RUN_OVERTAKEN', { path, server, how });
}

/** The site's script was called for it, which may have opened it and led the clients there, as MHA's sample does. */
function calledToOpen({ begun }: UnfinishedRun): readonly ServerId[] {
  return begun.flatMap((step) => (/^hook:(.+):(?:ip|online)-start$/.exec(step)?.[1] ?? []) as ServerId | []);
}

/** Nobody can see whether it does. Where its port is refused, it does not. */
function mayTakeWrites(picture: Picture, id: ServerId): boolean {
  const kind = picture.servers.get(id)?.kind;
  return kind !== 'answered' && kind !== 'port-refused';
}

/** A failover does nothing to its source by SQL. */
function isChanged({ command, source }: FormerRecord, id: ServerId): boolean {
  return command === 'switch' || id !== source;
}

function addressRecord(unfinished: UnfinishedRun): AddressRecord {
  const [released] = serversOf('release-address', unfinished);
  return { taken: serversOf('take-address', unfinished), ...(released === undefined ? {} : { released }) };
}
