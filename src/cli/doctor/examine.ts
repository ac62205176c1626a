import type { Configuration } from '../../config/load-configuration.js';
import type { Evidence } from '../../failover/preflight/evidence.js';
import { preflight } from '../../failover/preflight/preflight.js';
import { lookAtHook } from '../../hooks/hook-program.js';
import { stateOf } from '../../model/picture.js';
import type { HookCommands, ServerSettings } from '../../model/settings.js';
import { missingPrivileges, readOwnPrivileges, replicationGrant, smallestGrants } from '../../mysql/own-privileges.js';
import type { Known } from '../../ports/server-facts.js';
import { gather } from '../gather.js';
import type { Parts } from '../parts.js';
import type { HookSight, Installation, RightsSight } from './diagnose.js';
import { type Leftovers, leftoversAt, leftoversHere } from './leftovers.js';

const factsMs = 5_000;

export interface Examination {
  readonly installation: Installation;
  /** The smallest rights, as statements for the servers of this cluster. */
  readonly grants: readonly string[];
}

export interface ExamineOptions {
  readonly maxLagSeconds: number;
  readonly ssh: boolean;
  readonly searchPath: string;
}

/** Looks at everything; what check-repl looks at, in its own way. Changes nothing. */
export async function examine(
  parts: Parts,
  { origins, warnings }: Configuration,
  { maxLagSeconds, ssh, searchPath }: ExamineOptions,
): Promise<Examination> {
  const evidence = await gather(parts, { purpose: 'check', maxLagSeconds, ssh });
  const [accounts, hooks, leftovers] = await Promise.all([
    askAccounts(parts, evidence),
    lookAtHooks(evidence, searchPath),
    lookAtHosts(parts, evidence, ssh),
  ]);
  const findings = [...warnings, ...preflight(evidence)];
  const rights = accounts.map(({ sight }) => sight);
  return {
    installation: { evidence, findings, origins, hooks, rights, leftovers },
    grants: [...new Set(accounts.flatMap(({ grants }) => grants))],
  };
}

interface Account {
  readonly sight: RightsSight;
  readonly grants: readonly string[];
}

function askAccounts({ servers, settings }: Parts, { picture }: Evidence): Promise<readonly Account[]> {
  const answering = settings.servers.flatMap((server) => {
    const state = stateOf(picture, server.id);
    return state === undefined ? [] : [{ server, version: state.version }];
  });
  return Promise.all(
    answering.map(async ({ server, version }): Promise<Account> => {
      const own = await readOwnPrivileges(servers, server.id, { deadlineMs: factsMs });
      const missing: Known<readonly string[]> = own.known
        ? { known: true, value: missingPrivileges(version, own.value.granted) }
        : own;
      const grantee = own.known ? own.value.grantee : { user: server.account.user, host: '%' };
      const { replicationUser: user } = server;
      const replication = user === undefined ? [] : [replicationGrant({ user, host: '%' })];
      const grants = [...smallestGrants(version, grantee, server.pingType), ...replication];
      return { sight: { server: server.id, missing }, grants };
    }),
  );
}

const hookNames: readonly (readonly [keyof HookCommands, string])[] = [
  ['masterIpFailover', 'master_ip_failover_script'],
  ['masterIpOnlineChange', 'master_ip_online_change_script'],
  ['shutdown', 'shutdown_script'],
  ['report', 'report_script'],
  ['secondaryCheck', 'secondary_check_script'],
];

/** Each command once, however many servers have it. */
function lookAtHooks({ settings }: Evidence, searchPath: string): Promise<readonly HookSight[]> {
  const written = new Map(settings.servers.flatMap(commandsOf));
  return Promise.all(
    [...written.values()].map(async ({ key, command }) => ({ key, program: await lookAtHook(command, searchPath) })),
  );
}

function commandsOf({ hooks }: ServerSettings): (readonly [string, { key: string; command: string }])[] {
  return hookNames.flatMap(([name, key]) => {
    const command = hooks[name] ?? '';
    return command.trim() === '' ? [] : [[`${key} ${command}`, { key, command }] as const];
  });
}

function lookAtHosts({ shells }: Parts, { ssh }: Evidence, wanted: boolean): Promise<readonly Leftovers[]> {
  const open = wanted ? ssh.filter(({ login }) => login.outcome === 'ok') : [];
  return Promise.all([leftoversHere(), ...open.map(({ id }) => leftoversAt(shells.door(id)))]);
}
