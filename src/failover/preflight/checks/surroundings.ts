import { isIPv6 } from 'node:net';
import type { Finding } from '../../../model/finding.js';
import type { Check, Evidence } from '../evidence.js';

/** Replicas of replicas, which a failover leaves alone. */
export const chained: Check = ({ verdict }) =>
  verdict.unmanaged.map((server): Finding => {
    const link = verdict.links.find((item) => item.server === server);
    return {
      id: 'chained',
      severity: 'note',
      server,
      seen: `${server} replicates from ${link?.host ?? '?'}:${String(link?.port ?? '?')} and is left alone (multi_tier_slave)`,
      matters: 'It is not levelled or repointed; if the server it follows becomes the source, it moves up by itself.',
      fix: 'Nothing to do.',
    };
  });

/** Replicas that call their source by what the configuration does not: known as long as they are connected. */
export const sourceNames: Check = ({ verdict, settings }) =>
  verdict.links
    .filter((link) => link.unnamed === true && link.source === verdict.source)
    .map((link): Finding => {
      const source = settings.servers.find(({ id }) => id === link.source);
      const named = `Write hostname=${link.host} in [${source?.block ?? '?'}], with ip= for the address that this machine reaches it by; or repoint the replica.`;
      return {
        id: 'source-name',
        severity: 'warn',
        server: link.server,
        seen: `${link.server} calls its source ${link.host}:${String(link.port)}, which is neither hostname nor address of ${link.source ?? '?'}`,
        matters:
          'They are told to be one server only while the receiver is connected: a failover by hand of a dead source would not know it.',
        fix:
          link.port === source?.port ? named : 'Repoint the replica to the host and port that the configuration names.',
      };
    });

/** A further channel of a replica, from a server that is not the source. */
export const unmanagedSource: Check = ({ verdict }) =>
  verdict.links
    .filter((link) =>
      verdict.replicas.some(({ server, channel }) => server === link.server && channel !== link.channel),
    )
    .map((link): Finding => ({
      id: 'unmanaged-source',
      severity: 'warn',
      server: link.server,
      seen: `${link.server} also replicates from ${link.host}:${String(link.port)} (channel "${link.channel}")`,
      matters:
        'That source is not watched, and its transactions are on this replica only; as the new source it passes them on.',
      fix: 'Set no_master=1 in its block, or end that channel.',
    }));

/** Machines that fetch the source's binary log and that the configuration does not know, as the server names them. */
export function strangersOf(evidence: Evidence): readonly string[] {
  const { source } = evidence.verdict;
  const dumps = source === undefined ? undefined : evidence.facts.get(source)?.dumps;
  if (dumps?.known !== true) return [];
  return [...new Set(dumps.value.map(({ host }) => withoutPort(host)))].filter((host) => !isConfigured(host, evidence));
}

export const unmanagedReplica: Check = (evidence) => {
  const { source } = evidence.verdict;
  const strangers = strangersOf(evidence);
  if (source === undefined || strangers.length === 0) return [];
  return [
    {
      id: 'unmanaged-replica',
      severity: 'warn',
      server: source,
      seen: `${source} is followed from ${strangers.join(', ')}, which the configuration does not know`,
      matters: 'After a failover these stay with the dead source: they are neither levelled nor repointed.',
      fix: 'Add them to the configuration, with no_master=1 if they must not lead.',
    },
  ];
};

/** `10.0.0.2:41234` as the process list prints it. An IPv6 address has no brackets there: `fd00::2:41234` (MySQL 9.7). */
function withoutPort(client: string): string {
  const host = client.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return host.includes(':') && !isIPv6(host) ? client : host;
}

/** The process list names a client by address, or by name when the server resolves names. */
function isConfigured(client: string, { settings }: Evidence): boolean {
  const host = client.toLowerCase();
  if (host === '' || host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return [...settings.servers, ...settings.binlogServers].some(
    ({ hostname, address, ssh }) =>
      [hostname.toLowerCase(), address.toLowerCase(), ssh.address.toLowerCase()].includes(host) ||
      hostname.toLowerCase().split('.')[0] === host.split('.')[0],
  );
}
