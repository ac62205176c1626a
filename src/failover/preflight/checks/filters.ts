import type { Finding } from '../../../model/finding.js';
import type { ReplicationFilters } from '../../../model/picture.js';
import type { Check, Evidence } from '../evidence.js';
import { managed, replicasOf } from '../roles.js';

const replicationFilters = {
  doDb: 'replicate_do_db',
  ignoreDb: 'replicate_ignore_db',
  doTable: 'replicate_do_table',
  ignoreTable: 'replicate_ignore_table',
  wildDoTable: 'replicate_wild_do_table',
  wildIgnoreTable: 'replicate_wild_ignore_table',
  rewriteDb: 'replicate_rewrite_db',
} as const satisfies Partial<Record<keyof ReplicationFilters, string>>;

/** Filters are the same on all replicas, and binary log filters on all servers: MHA's rule, off with check_repl_filter=0. */
export const filtersEqual: Check = (evidence) => {
  const severity = evidence.settings.checkReplFilter ? 'refuse' : 'note';
  return [...unequalReplication(evidence), ...unequalBinlog(evidence), ...unlikeEachOther(evidence)].map(
    (seen): Finding => ({
      id: 'filters-equal',
      severity,
      seen,
      matters: 'After a failover the servers would not hold the same data, or stop at a table they do not have.',
      fix: 'Make the filters the same everywhere; or, if that is meant, set check_repl_filter=0.',
    }),
  );
};

function unequalReplication(evidence: Evidence): readonly string[] {
  const replicas = replicasOf(evidence);
  return Object.entries(replicationFilters).flatMap(([field, name]) =>
    differing(
      name,
      replicas.map(({ id, channel }) => [
        id,
        Object.entries(channel.filters).find(([key]) => key === field)?.[1] ?? '',
      ]),
    ),
  );
}

function unequalBinlog(evidence: Evidence): readonly string[] {
  const logging = managed(evidence).filter(({ state }) => state.logBin);
  return [
    ...differing(
      'binlog_do_db',
      logging.map(({ id, state }) => [id, state.binlogDoDb]),
    ),
    ...differing(
      'binlog_ignore_db',
      logging.map(({ id, state }) => [id, state.binlogIgnoreDb]),
    ),
  ];
}

/** A server that filters both what it logs and what it replicates must do so alike. */
function unlikeEachOther(evidence: Evidence): readonly string[] {
  return replicasOf(evidence).flatMap(({ id, state, channel }) => {
    const pairs = [
      ['binlog_do_db', state.binlogDoDb, 'replicate_do_db', channel.filters.doDb],
      ['binlog_ignore_db', state.binlogIgnoreDb, 'replicate_ignore_db', channel.filters.ignoreDb],
    ] as const;
    return pairs
      .filter(([, logged, , replicated]) => logged !== '' && replicated !== '' && normal(logged) !== normal(replicated))
      .map(([name, logged, other, replicated]) => `${id} has ${name} "${logged}" and ${other} "${replicated}"`);
  });
}

function differing(name: string, values: readonly (readonly [string, string])[]): readonly string[] {
  if (new Set(values.map(([, value]) => normal(value))).size < 2) return [];
  return [`${name} differs: ${values.map(([server, value]) => `${server} "${value}"`).join(', ')}`];
}

/** The order of a list and repetitions in it mean nothing. */
function normal(list: string): string {
  const parts = list.split(',').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))].sort().join(',');
}

/** What a receiver drops is not in its relay log either: nobody can be levelled from that over the hole. */
export const filtersDropEvents: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, channel: { filters } }) => {
    const drops = [
      ['IGNORE_SERVER_IDS', filters.ignoreServerIds],
      ['DO_DOMAIN_IDS', filters.doDomainIds],
      ['IGNORE_DOMAIN_IDS', filters.ignoreDomainIds],
    ].filter(([, value]) => value !== '');
    if (drops.length === 0) return [];
    return [
      {
        id: 'filters-drop-events',
        severity: 'warn' as const,
        server: id,
        seen: `The receiver of ${id} drops events: ${drops.map(([name, value]) => `${name ?? ''}=(${value ?? ''})`).join(', ')}`,
        matters: 'Its relay log has holes, so that it cannot level other replicas when the dead host is out of reach.',
        fix: 'Remove the lists from its replication settings if they are not needed any more.',
      },
    ];
  });
