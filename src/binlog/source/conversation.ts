import { errorPacket, okPacket, resultSet } from './answers.js';
import { command, type DumpRequest, parseDump, parseDumpGtid } from './commands.js';
import { type Answer, answerQuery, type QueryContext, type SessionVariables } from './queries.js';
import { refusals } from './refusal.js';
import { replicaUuid, understandsChecksums } from './replica-session.js';
import { ConnectionEnded, type Wire } from './wire.js';

const unknownCommand = 1047;

export interface ConversationParts {
  readonly wire: Wire;
  /** Made new for each query, since it holds the time. */
  readonly context: () => QueryContext;
  readonly expected: { readonly serverId: number; readonly serverUuid?: string };
  readonly requestDeadline: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onUnknownQuery: (text: string) => void;
}

/** What the replica wants, and what it said of itself. */
export interface Wish {
  readonly request: DumpRequest;
  readonly variables: SessionVariables;
}

/** Answers the replica's questions until it asks for events. Refuses one that is not the expected replica. */
export async function converse(parts: ConversationParts): Promise<Wish> {
  const variables: SessionVariables = new Map();
  for (;;) {
    const packet = await parts.requestDeadline(() => parts.wire.receive());
    const request = await answer(parts, packet, variables);
    if (request === undefined) continue;
    checkReplica(parts, request, variables);
    if (!understandsChecksums(variables)) throw refusals.noChecksums();
    return { request, variables };
  }
}

async function answer(
  parts: ConversationParts,
  packet: Buffer,
  variables: SessionVariables,
): Promise<DumpRequest | undefined> {
  const { wire } = parts;
  switch (packet.length === 0 ? -1 : packet.readUInt8(0)) {
    case command.quit:
      throw new ConnectionEnded('the replica said goodbye');
    case command.ping:
      await wire.send(okPacket());
      return undefined;
    case command.query:
      await answerText(parts, packet.toString('utf8', 1), variables);
      return undefined;
    case command.register:
      // An error here would make the replica try again for ever; the dump request is where it can be refused.
      await wire.send(okPacket());
      return undefined;
    case command.dump:
      return parseDump(packet);
    case command.dumpGtid:
      return parseDumpGtid(packet);
    default:
      await wire.send(errorPacket(unknownCommand, `Unknown command ${String(packet[0])}`, '08S01'));
      return undefined;
  }
}

async function answerText(parts: ConversationParts, sql: string, variables: SessionVariables): Promise<void> {
  const found = answerQuery(sql, parts.context(), variables);
  if (found.kind === 'error' && !found.expected) parts.onUnknownQuery(sql);
  for (const body of packetsOf(found)) await parts.wire.send(body);
}

function packetsOf(found: Answer): readonly Buffer[] {
  switch (found.kind) {
    case 'ok':
      return [okPacket()];
    case 'rows':
      return resultSet(found.columns, found.rows);
    case 'error':
      return [errorPacket(found.errno, found.text)];
  }
}

function checkReplica({ expected }: ConversationParts, request: DumpRequest, variables: SessionVariables): void {
  if (request.serverId !== expected.serverId) {
    throw refusals.wrongReplica('server id', String(expected.serverId), String(request.serverId));
  }
  const uuid = replicaUuid(variables);
  if (expected.serverUuid !== undefined && uuid !== undefined && uuid !== expected.serverUuid.toLowerCase()) {
    throw refusals.wrongReplica('UUID', expected.serverUuid, uuid);
  }
}
