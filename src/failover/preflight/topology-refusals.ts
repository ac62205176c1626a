import type { Finding } from '../../model/finding.js';
import type { ServerState, Unsupported } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { Link } from './link.js';

export function refusesUs(server: ServerId, message: string): Finding {
  return {
    id: 'login',
    severity: 'refuse',
    server,
    seen: `${server} is alive and refuses us: ${message}`,
    matters: 'A server that refuses a login is not dead; without its state nothing can be decided.',
    fix: `Repair user and password, or the grant on ${server}.`,
  };
}

export function nobodyAnswers(): Finding {
  return {
    id: 'no-server-answers',
    severity: 'refuse',
    seen: 'No server of the configuration answers',
    matters: 'Either this machine is cut off, or there is nothing left to promote.',
    fix: 'Check the network of this machine, and the addresses and ports in the configuration.',
  };
}

export function noReplica(source?: ServerId): Finding {
  return {
    id: 'no-replica',
    severity: 'refuse',
    seen: `No server that answers is a replica of ${source ?? 'a configured server'}`,
    matters: 'There is nothing that could take over.',
    fix: 'Start the replicas, or point them at the source.',
  };
}

export function severalFree(servers: readonly ServerId[]): Finding {
  return {
    id: 'one-source',
    severity: 'refuse',
    seen: `${servers.join(' and ')} answer and replicate from nobody`,
    matters: 'Which of them is the source cannot be told; after a failover one may be the returned old source.',
    fix: 'Attach all but one as replicas, or remove them from the configuration.',
  };
}

export interface FollowedServer {
  readonly server: ServerId;
  readonly is: 'read-only' | 'writable' | 'no answer';
}

export function severalSources(servers: readonly FollowedServer[]): Finding {
  const silent = servers.filter(({ is }) => is === 'no answer').map(({ server }) => server);
  const start = silent.length === 0 ? '' : `Start ${silent.join(' and ')}, or end the replication from there. `;
  return {
    id: 'one-source',
    severity: 'refuse',
    seen: `${servers.map(({ server, is }) => `${server} (${is})`).join(' and ')} are both followed, and not exactly one of them is dead or writable`,
    matters: 'Which of them is the source cannot be told.',
    fix: `${start}Set read_only=1 on all of them but the source; the source itself must be writable.`,
  };
}

export function followsNobody(server: ServerId, source: ServerId): Finding {
  return {
    id: 'known-source',
    severity: 'refuse',
    server,
    seen: `${server} answers and replicates from nobody, while the source is ${source}`,
    matters: 'It may hold writes of its own, so it is no replica that could be levelled or repointed.',
    fix: `Attach ${server} to ${source}, or remove it from the configuration.`,
  };
}

export function followsAnother(server: ServerId, source: ServerId, links: readonly Link[]): Finding {
  const link = links.find((item) => item.server === server);
  return {
    id: 'known-source',
    severity: 'refuse',
    server,
    seen: `${server} replicates from ${link?.host ?? '?'}:${String(link?.port ?? '?')}, but the source is ${source}`,
    matters: 'It cannot be levelled or repointed in the coordinates of the source.',
    fix: `Point ${server} at ${source}; or set multi_tier_slave=1 in its block, and it is left alone.`,
  };
}

export function unknownSource(link: Link): Finding {
  return {
    id: 'known-source',
    severity: 'refuse',
    server: link.server,
    seen: `${link.server} replicates from ${link.host}:${String(link.port)}, which is no server of the configuration`,
    matters: 'A source that is not watched cannot fail over.',
    fix: 'Add that server to the configuration (hostname or ip as the replica names it), or repoint the replica.',
  };
}

const kinds = {
  'too-old': 'is older than MySQL 5.5 and MariaDB 10.0',
  'group-replication': 'is a member of a Group Replication group',
  galera: 'is a node of a Galera cluster',
  aurora: 'is an Aurora server',
} as const satisfies Record<Unsupported, string>;

const reasons = {
  'too-old': 'It lacks the statements that a failover needs.',
  'group-replication': 'The group chooses its primary itself; a second opinion would end in two.',
  galera: 'Its nodes replicate to each other and take writes everywhere; there is no source to fail over from.',
  aurora: 'Its replicas share one storage, and its own failover cannot be steered from outside.',
} as const satisfies Record<Unsupported, string>;

export const unsupportedServer = 'supported-server';

/** What somebody else decides for, or what is too old, is refused before anything else is said of it. */
export function unsupported(server: ServerId, state: ServerState, kind: Unsupported): Finding {
  return {
    id: unsupportedServer,
    severity: 'refuse',
    server,
    seen: `${server} (${state.version.text}) ${kinds[kind]}`,
    matters: reasons[kind],
    fix:
      kind === 'too-old'
        ? `Upgrade ${server}, or remove its block.`
        : `Remove the block of ${server}; leave it to its own kind of failover.`,
  };
}
