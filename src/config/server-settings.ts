import type { HookCommands, ServerSettings, SshSettings } from '../model/settings.js';
import { copyHostId, serverId } from '../model/settings.js';
import type { Read } from './inherit.js';

/** A server's block read, before names are resolved. */
export interface DraftServer {
  readonly block: string;
  readonly line: number;
  readonly hostname: string;
  readonly read: Read;
}

/** Names that must have an address before the server's settings are whole. */
export function namesToResolve({ hostname, read }: DraftServer): { readonly sql: string; readonly ssh: string } {
  const sql = read('ip') ?? hostname;
  const sshHost = read('ssh_host');
  return { sql, ssh: read('ssh_ip') ?? (sshHost === undefined || sshHost === hostname ? sql : sshHost) };
}

export interface Surroundings {
  readonly addressOf: (name: string) => string;
  /** Login name of the user that runs the program: the default of ssh_user. */
  /** Undefined where the system knows no name; each server has an ssh_user then. */
  readonly osUser: string | undefined;
}

export function serverSettings(draft: DraftServer, around: Surroundings): ServerSettings {
  const { read, hostname, block } = draft;
  const port = read('port');
  const replicationPassword = read('repl_password');
  return {
    id: block.startsWith('binlog') ? copyHostId(hostname, block) : serverId(hostname, port),
    block,
    hostname,
    address: around.addressOf(namesToResolve(draft).sql),
    port,
    ssh: sshSettings(draft, around),
    account: { user: read('user'), password: read('password') },
    candidateMaster: read('candidate_master'),
    noMaster: read('no_master'),
    ignoreFail: read('ignore_fail'),
    skipInitSshCheck: read('skip_init_ssh_check'),
    skipResetSlave: read('skip_reset_slave'),
    multiTierSlave: read('multi_tier_slave'),
    latestPriority: read('latest_priority'),
    checkReplDelay: read('check_repl_delay'),
    binlogDirs: read('master_binlog_dir'),
    remoteWorkdir: read('remote_workdir'),
    pingIntervalMs: read('ping_interval') * 1000,
    pingType: read('ping_type'),
    hooks: hookCommands(read),
    ...present('nodeLabel', read('node_label')),
    ...present('replicationUser', read('repl_user')),
    // As in MHA an empty one means that the password each replica has stored is kept.
    ...present('replicationPassword', replicationPassword?.isEmpty === true ? undefined : replicationPassword),
    ...present('useGtidAutoPos', read('use_gtid_auto_pos')),
    ...present('masterPidFile', read('master_pid_file')),
    ...present('writerVipInterface', read('writer_vip_interface')),
    ...present('recoveryListenAddress', read('recovery_listen_address')),
  };
}

function sshSettings(draft: DraftServer, around: Surroundings): SshSettings {
  const { read, hostname } = draft;
  return {
    host: read('ssh_host') ?? hostname,
    address: around.addressOf(namesToResolve(draft).ssh),
    port: read('ssh_port'),
    user: read('ssh_user') ?? around.osUser ?? '',
    options: read('ssh_options'),
    connectTimeoutMs: read('ssh_connection_timeout') * 1000,
  };
}

function hookCommands(read: Read): HookCommands {
  return {
    ...present('masterIpFailover', script(read('master_ip_failover_script'))),
    ...present('masterIpOnlineChange', script(read('master_ip_online_change_script'))),
    ...present('shutdown', script(read('shutdown_script'))),
    ...present('report', script(read('report_script'))),
    ...present('secondaryCheck', script(read('secondary_check_script'))),
  };
}

/** An empty value switches an inherited script off: to everybody who asks for it there is none. */
function script(value: string | undefined): string | undefined {
  return value?.trim() === '' ? undefined : value;
}

/** A field that is left out when there is no value. */
export function present<N extends string, T>(name: N, value: T | undefined): Readonly<Partial<Record<N, T>>> {
  const field: Partial<Record<N, T>> = {};
  if (value !== undefined) field[name] = value;
  return field;
}
