import { type ServeOptions, type SourceEvent, serveReplica } from '../binlog/source/serve-replica.js';
import type { RecoveryProgress, ServeRequest } from '../ports/recovery.js';
import { throttled } from './progress.js';
import type { Rescue } from './rescue.js';
import type { Connection } from './serving.js';

/** A replica that asks for a place before it has come is told to wait, as long as its receiver has patience. */
const patienceMs = 30_000;

export interface ConnectionParts extends Pick<ServeOptions, 'open' | 'clock' | 'tls'> {
  readonly rescue: Rescue;
  readonly tell: (progress: RecoveryProgress) => void;
  readonly notice: (text: string) => void;
}

/**
 * Serves one connection of one replica from what is held, and tells how far it is. Answers what a person should hear of
 * its end: a replica that leaves is no news, one that is refused is.
 */
export async function serveConnection(
  request: ServeRequest,
  parts: ConnectionParts,
  connection: Connection,
): Promise<string | undefined> {
  const { replica, serverId, serverUuid, account } = request;
  const { rescue, open, clock, tls } = parts;
  const told = toldBy(request, parts);
  const options: ServeOptions = {
    open,
    clock,
    ...(tls === undefined ? {} : { tls }),
    complete: () => rescue.isComplete,
    patienceMs,
    onEvent: (event) => {
      connection.onEvent(event);
      told(event);
    },
  };
  const guard = {
    serverId,
    ...(serverUuid === undefined ? {} : { serverUuid }),
    ...(account === undefined ? {} : { account }),
  };
  const ending = await serveReplica(connection.stream, rescue.log, rescue.source, guard, options, connection.signal);
  // There was nothing to rescue: a replica that asks all the same, being level, is no news either.
  const isEmpty = rescue.isComplete && rescue.log.start() === undefined;
  return ending.kind === 'refused' && !isEmpty ? `${replica} was refused: ${ending.text}` : undefined;
}

function toldBy({ replica }: ServeRequest, parts: ConnectionParts): (event: SourceEvent) => void {
  const tell = throttled(parts.tell, () => parts.clock.now());
  let bytes = 0;
  return (event) => {
    if (event.kind === 'unknown-query') parts.notice(`${replica} asked what is not known here: ${event.text}`);
    else if (event.kind === 'sent') {
      bytes += event.bytes;
      tell({ kind: 'served', server: replica, bytes, transactions: 0, upTo: event.upTo });
    } else if (event.kind === 'level') {
      // While the fetch goes on, the end is reached again with every piece that comes.
      tell({ kind: 'served', server: replica, bytes, transactions: 0, upTo: event.at }, parts.rescue.isComplete);
    }
  };
}
