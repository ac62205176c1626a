import type { Check } from '../evidence.js';
import { replicasOf, sourceOf } from '../roles.js';

export const readOnly: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, state }) => {
    if (state.readOnly) return [];
    return [
      {
        id: 'read-only',
        severity: 'warn' as const,
        server: id,
        seen: `The replica ${id} accepts writes (read_only=0)`,
        matters: 'A write there makes its data differ from the source, and survives in no rescue.',
        fix: 'Set read_only=1 on it now and in its option file.',
      },
    ];
  });

/** Exactly one server takes writes. Several are reported one by one as `read-only`. */
export const oneWritable: Check = (evidence) => {
  const source = sourceOf(evidence);
  if (source === undefined || !source.state.readOnly || replicasOf(evidence).some(({ state }) => !state.readOnly))
    return [];
  return [
    {
      id: 'one-writable',
      severity: 'warn',
      server: source.id,
      seen: `No server accepts writes: the source ${source.id} has read_only=1`,
      matters: 'Applications cannot write; an interrupted switch or failover may have left it so.',
      fix: `If nothing is under way, set read_only=0 on ${source.id}.`,
    },
  ];
};

/** Accounts that write in spite of read_only could pass while a new source is still closed. */
export const readOnlyBypass: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, settings }) => {
    const known = evidence.facts.get(id)?.readOnlyBypassers;
    if (known?.known !== true) return [];
    const others = known.value.filter(({ user }) => user !== settings.account.user && !systemAccounts.has(user));
    if (others.length === 0) return [];
    return [
      {
        id: 'read-only-bypass',
        severity: 'note' as const,
        server: id,
        seen: `On ${id} these accounts can write in spite of read_only: ${others.map(({ user, host }) => `${user}@${host}`).join(', ')}`,
        matters: 'An application that uses one of them is not stopped while a new source is still being levelled.',
        fix: 'Use accounts without such privileges for applications.',
      },
    ];
  });

const systemAccounts: ReadonlySet<string> = new Set([
  'root',
  'mysql',
  'mariadb.sys',
  'mysql.sys',
  'mysql.session',
  'mysql.infoschema',
]);
