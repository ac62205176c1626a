import type { Former } from '../failover/hand.js';
import { takeFailoverLocks } from '../failover/locks.js';
import { type FormerRecord, putBack } from '../failover/put-back.js';
import { describeError, isFault } from '../model/fault.js';
import { stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { UnfinishedRun } from '../ports/workdir.js';
import { benchOf, lookAgain, observeMs, removeAside, withoutSource } from './former-run.js';
import type { Parts } from './parts.js';

/**
 * A run that was given up and could not put these replicas back: they did not answer, and may be pointed to its recovery source still,
 * so that no failover would take them for the source's. What is put back is no concern of a cluster that has gone on since.
 */
export async function settleLeft(
  unfinished: UnfinishedRun,
  left: readonly string[],
  parts: Parts,
  say: (text: string) => void,
): Promise<void> {
  const { path } = unfinished;
  if (unfinished.former === undefined)
    return unfinished.finish('what the servers were like before it is not known any more');
  const record = JSON.parse(unfinished.former) as FormerRecord;
  const { servers, settings } = parts;
  const isConfigured = (id: ServerId): boolean => settings.servers.some((server) => server.id === id);
  const formers = record.formers.filter(({ server }) => left.includes(server) && isConfigured(server));
  if (!isConfigured(record.source) || formers.length === 0) {
    await unfinished.finish('what it had left to put back is not in the configuration any more');
    return;
  }
  const { picture, since } = await lookAgain(record, parts);
  if (since !== undefined) {
    say(`note: what the run in ${path} had left to put back stays as it is: ${since.server}: ${since.how}`);
    await unfinished.finish('somebody has gone on since');
    return;
  }
  // One that takes writes now may have some of its own: made a replica again, it would be no obstacle to another source any more.
  const isFit = ({ server, state }: Former): boolean => {
    const now = stateOf(picture, server);
    return now !== undefined && (now.readOnly || !state.readOnly);
  };
  const back = formers.filter(isFit);
  const away = formers.flatMap((former) => (isFit(former) ? [] : [former.server]));
  for (const id of away) {
    const why = stateOf(picture, id) === undefined ? 'does not answer' : 'takes writes, which it did not before';
    say(`warning: ${id} ${why}: what the run in ${path} changed there is not put back yet`);
  }
  if (back.length === 0) return;
  const replicas = back.map(({ server }) => server);
  say(`warning: the run in ${path} could not put back ${replicas.join(', ')}; doing it now`);
  try {
    const locks = await takeFailoverLocks(servers, replicas, 0, AbortSignal.timeout(observeMs));
    try {
      await putBack({ ...withoutSource(record), formers: back }, benchOf(parts));
    } finally {
      for (const session of locks) session.close();
    }
    await removeAside(unfinished, (id) => replicas.includes(id), parts, say);
    await (away.length > 0 ? unfinished.leave(away) : unfinished.finish('put back by a later command'));
  } catch (error) {
    // The others may need the command that is starting, a failover say: a replica that dies again must not keep it from them.
    if (!isFault(error)) throw error;
    const rest = `is not put back yet: ${describeError(error)}`;
    say(`warning: what the run in ${path} changed on ${replicas.join(', ')} ${rest}`);
  }
}
