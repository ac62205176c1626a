import type { Finding } from '../../../model/finding.js';
import type { Check } from '../evidence.js';
import { type Answering, answering } from '../roles.js';

export const serverIds: Check = (evidence) => {
  const servers = answering(evidence);
  const zero = servers.filter(({ state }) => state.serverId === 0);
  return [
    ...zero.map(({ id }): Finding => ({
      ...duplicate,
      server: id,
      seen: `${id} has server_id 0`,
      fix: 'Give it a server_id of its own.',
    })),
    ...sharedBy(servers, ({ state }) => (state.serverId === 0 ? undefined : String(state.serverId))).map(
      ([value, owners]): Finding => ({
        ...duplicate,
        seen: `${owners.join(' and ')} have the same server_id ${value}`,
        fix: 'Give each server a server_id of its own.',
      }),
    ),
  ];
};

const duplicate = {
  id: 'server-id',
  severity: 'refuse',
  matters:
    'A replica drops every event that carries its own server_id, and a source ends the first of two equal replicas.',
} as const;

export const serverUuids: Check = (evidence) =>
  sharedBy(answering(evidence), ({ state }) => state.serverUuid).map(([value, owners]): Finding => ({
    id: 'server-uuid',
    severity: 'refuse',
    seen: `${owners.join(' and ')} have the same server_uuid ${value}`,
    matters: 'One cannot replicate from the other; it happens when a data directory is copied with its auto.cnf.',
    fix: 'Stop one of them, remove auto.cnf from its data directory, and start it.',
  }));

function sharedBy(
  servers: readonly Answering[],
  valueOf: (server: Answering) => string | undefined,
): readonly (readonly [string, readonly string[]])[] {
  const owners = new Map<string, string[]>();
  for (const server of servers) {
    const value = valueOf(server);
    if (value !== undefined) owners.set(value, [...(owners.get(value) ?? []), server.id]);
  }
  return [...owners].filter(([, ids]) => ids.length > 1);
}
