import { describeOrigin, type EffectiveValue } from '../../config/effective.js';
import { keyGroups, keys } from '../../config/keys.js';
import type { Evidence } from '../../failover/preflight/evidence.js';
import type { HookProgram } from '../../hooks/hook-program.js';
import type { Finding } from '../../model/finding.js';
import type { ServerId } from '../../model/settings.js';
import type { Known } from '../../ports/server-facts.js';
import { type Leftovers, thisMachine } from './leftovers.js';

export interface HookSight {
  readonly key: string;
  readonly program: HookProgram;
}

/** Whether the administrative account may do on a server what a run does there. */
export interface RightsSight {
  readonly server: ServerId;
  readonly missing: Known<readonly string[]>;
}

/** Everything that was looked at of an installation, frozen. */
export interface Installation {
  readonly evidence: Evidence;
  /** Of the checks, and of reading the configuration. */
  readonly findings: readonly Finding[];
  readonly origins: readonly EffectiveValue[];
  readonly hooks: readonly HookSight[];
  readonly rights: readonly RightsSight[];
  readonly leftovers: readonly Leftovers[];
}

export interface Diagnosis {
  readonly works: readonly string[];
  readonly unneeded: readonly string[];
  readonly change: readonly Finding[];
}

/** Sorts what was seen: what stays, what has lost its purpose, what has to be changed. Pure. */
export function diagnose(seen: Installation): Diagnosis {
  return {
    works: [...configured(seen), ...readyHooks(seen), ...reached(seen), ...loggedIn(seen)],
    unneeded: [...uselessKeys(seen), ...uselessPrograms(seen), ...replacedTables(seen)],
    change: [
      ...seen.findings.filter(({ severity }) => severity !== 'note'),
      ...seen.hooks.flatMap(brokenHook),
      ...seen.rights.flatMap(lackingRights),
      ...seen.leftovers.flatMap(notLookedAt),
    ],
  };
}

function isWritten({ origin }: EffectiveValue): boolean {
  return origin.kind === 'file' || origin.kind === 'script';
}

function configured({ evidence: { settings }, origins }: Installation): readonly string[] {
  const written = new Set(origins.filter(isWritten).map(({ key }) => key));
  const names = settings.binlogServers.length === 0 ? '' : ` and ${String(settings.binlogServers.length)} [binlogN]`;
  return [
    `${settings.confFile}: ${String(settings.servers.length)} servers${names}, ${String(written.size)} parameters, read as they are`,
  ];
}

function readyHooks({ hooks, evidence }: Installation): readonly string[] {
  return hooks.flatMap(({ key, program }) => {
    const answered = evidence.scripts.some(({ name, outcome }) => name === key && outcome === 'ok');
    const words = answered ? ', and says that it is ready' : '';
    if (program.kind === 'ready') return [`${key}: ${program.file} can be started${words}${neededModules(program)}`];
    return program.kind === 'shell' && answered ? [`${key}: its shell command${words.slice(', and'.length)}`] : [];
  });
}

function neededModules({ modules = [] }: Extract<HookProgram, { kind: 'ready' }>): string {
  return modules.length === 0
    ? ''
    : `; it uses ${modules.join(', ')} of MHA's node package, which has to stay on this machine`;
}

function reached({ evidence }: Installation): readonly string[] {
  const hosts = evidence.ssh.filter(({ login }) => login.outcome === 'ok').map(({ host }) => host);
  return hosts.length === 0 ? [] : [`SSH from this machine to ${hosts.join(', ')}`];
}

function loggedIn({ evidence, rights }: Installation): readonly string[] {
  const whole = rights.filter(({ missing }) => missing.known && missing.value.length === 0).map(({ server }) => server);
  const tried = evidence.accounts.filter(({ result }) => result.kind === 'ok');
  return [
    ...(whole.length === 0 ? [] : [`The administrative account has all it needs on ${whole.join(', ')}`]),
    ...tried.map(({ user, from, to }) => `The replication account ${user} logs in to ${to} from ${from}`),
  ];
}

function uselessKeys({ origins }: Installation): readonly string[] {
  const useless = keyGroups.find(({ title }) => title === 'Accepted and not needed')?.names ?? [];
  const places = useless.map((key) => {
    const written = origins.filter((value) => value.key === key && isWritten(value));
    return { key, at: [...new Set(written.map(({ origin }) => describeOrigin(origin)))] };
  });
  return places
    .filter(({ at }) => at.length > 0)
    .map(({ key, at }) => `${key} (${at.join(', ')}): ${keys[key].note ?? 'accepted, and controls nothing here'}`);
}

function uselessPrograms({ leftovers, hooks }: Installation): readonly string[] {
  const isUsedHere = hooks.some(({ program }) => program.kind === 'ready' && program.modules !== undefined);
  return leftovers
    .filter(({ nodePrograms, host }) => nodePrograms.length > 0 && !(isUsedHere && host === thisMachine))
    .map(
      ({ host, nodePrograms }) =>
        `MHA's node package on ${host} (${nodePrograms.join(', ')}): nothing there is called; keep it as long as you may go back to MHA`,
    );
}

function replacedTables({ leftovers, evidence }: Installation): readonly string[] {
  const { confFile } = evidence.settings;
  return leftovers.flatMap(({ host, purgeTables }) =>
    purgeTables.map(
      (table) =>
        `purge_relay_logs in ${table} on ${host}: one line on this machine does it for all replicas, "mha-ts purge-relay-logs --conf ${confFile}"`,
    ),
  );
}

function brokenHook({ key, program }: HookSight): readonly Finding[] {
  const common = {
    id: 'hook-program',
    severity: 'refuse',
    matters: 'A failover or switch calls it, and ends where it fails.',
  } as const;
  switch (program.kind) {
    case 'ready':
    case 'shell':
      return [];
    case 'missing':
      return [
        { ...common, seen: `${key}: there is no ${program.file}`, fix: 'Install it here, or correct the value.' },
      ];
    case 'not-executable':
      return [{ ...common, seen: `${key}: ${program.file} is not executable`, fix: `chmod +x ${program.file}` }];
    case 'no-interpreter':
      return [
        {
          ...common,
          seen: `${key}: ${program.file} is run by ${program.interpreter}, which is not here`,
          fix: 'Install it, or correct the first line of the script.',
        },
      ];
  }
}

function lackingRights({ server, missing }: RightsSight): readonly Finding[] {
  if (missing.known && missing.value.length === 0) return [];
  const common = {
    id: 'account-rights',
    server,
    fix: 'Grant what is printed below as the smallest rights, or all of them.',
  };
  return [
    missing.known
      ? {
          ...common,
          severity: 'warn',
          seen: `The administrative account lacks on ${server}: ${missing.value.join(', ')} (rights that come from a role are not seen)`,
          matters: 'A run stops at the first statement that is refused.',
        }
      : {
          ...common,
          severity: 'warn',
          seen: `The rights of the administrative account on ${server} could not be read: ${missing.reason}`,
          matters: 'Whether a run would be allowed to act there is not known.',
        },
  ];
}

function notLookedAt({ host, why, unreadable }: Leftovers): readonly Finding[] {
  const reason = why ?? (unreadable.length === 0 ? undefined : `no right to read ${unreadable.join(', ')}`);
  if (reason === undefined) return [];
  return [
    {
      id: 'leftovers-unknown',
      severity: 'note',
      seen: `Not everything on ${host} could be looked at for MHA's cron jobs and programs: ${reason}`,
      matters:
        "A purge_relay_logs that still runs there keeps out of a failover's way by MHA's lock; it is only not needed.",
      fix: 'Look at crontab -l of root and of the database user there.',
    },
  ];
}
