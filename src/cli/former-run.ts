import { type Bench, noFacts } from '../failover/hand.js';
import { type Overtaken, overtaken } from '../failover/overtaken.js';
import type { ActionKind } from '../failover/plan.js';
import { deriveTopology } from '../failover/preflight/topology.js';
import type { FormerRecord } from '../failover/put-back.js';
import { asideDirectory, removeAsideCommand } from '../failover/steps/relay-logs.js';
import { describeError } from '../model/fault.js';
import type { Picture } from '../model/picture.js';
import { type ServerId, settingsOf } from '../model/settings.js';
import type { UnfinishedRun } from '../ports/workdir.js';
import type { Parts } from './parts.js';
import { addressesOf } from './resolve.js';

export const observeMs = 5_000;
const asideMs = 10_000;

/** Those of an earlier run that the configuration still names, as they are now, and whether somebody has gone on since. */
export async function lookAgain(
  record: FormerRecord,
  { servers, settings }: Parts,
): Promise<{ readonly picture: Picture; readonly since: Overtaken | undefined }> {
  const everybody = [record.source, ...record.formers.map(({ server }) => server)];
  const configured = everybody.filter((id) => settings.servers.some((server) => server.id === id));
  const picture = await servers.observe(observeMs, configured);
  const { links } = deriveTopology(settings, picture, await addressesOf(picture));
  return { picture, since: overtaken(record, links, picture) };
}

/** For putting back when the source is gone, or was never changed. */
export function withoutSource({ command, source, formers }: FormerRecord): FormerRecord {
  return { command, source, formers };
}

/** Where steps of this kind were begun: they may have had their effect. */
export function serversOf(kind: ActionKind, { begun }: UnfinishedRun): readonly ServerId[] {
  return begun.filter((step) => step.startsWith(`${kind}:`)).map((step) => step.slice(kind.length + 1) as ServerId);
}

/** Linked relay logs keep their space on the replica's disk when its server has long removed them. */
export async function removeAside(
  unfinished: UnfinishedRun,
  isMeant: (id: ServerId) => boolean,
  { settings, shells }: Parts,
  say: (text: string) => void,
): Promise<void> {
  for (const server of serversOf('set-aside-relay', unfinished).filter(isMeant)) {
    const directory = asideDirectory(settingsOf(settings, server), unfinished.id);
    try {
      await shells.door(server).run(removeAsideCommand(directory), { deadlineMs: asideMs });
    } catch (error) {
      say(`warning: the linked relay logs in ${directory} on ${server} were not removed: ${describeError(error)}`);
    }
  }
}

/** Only what putting back uses: there is no run, no recovery source and nothing to fence. */
export function benchOf({ servers, clock, settings }: Parts): Bench {
  return {
    servers,
    clock,
    settings,
    facts: noFacts(),
    signal: new AbortController().signal,
    progress: () => undefined,
  };
}
