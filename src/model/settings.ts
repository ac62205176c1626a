import type { Secret } from './secret.js';

/** `hostname:port` as the configuration names the server. Unique in a cluster; used as the key everywhere. */
export type ServerId = string & { readonly __brand: 'ServerId' };

export function serverId(hostname: string, port: number): ServerId {
  return `${hostname}:${String(port)}` as ServerId;
}

/** A `[binlogN]` host may be a server's host as well, with another login: it is told apart by its block. */
export function copyHostId(hostname: string, block: string): ServerId {
  return `${hostname}:${block}` as ServerId;
}

export interface Account {
  readonly user: string;
  readonly password: Secret;
}

/** How the manager reaches a host's shell. */
export interface SshSettings {
  /** Name for messages and for the known_hosts look-up. */
  readonly host: string;
  /** Address that is connected to. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** MHA's `ssh_options`: words as the OpenSSH client takes them. The ssh room reads them. */
  readonly options: string;
  readonly connectTimeoutMs: number;
}

/** An IPv4 address with the length of its network. */
export interface NetworkAddress {
  readonly address: string;
  readonly prefix: number;
}

export type PingType = 'SELECT' | 'CONNECT' | 'INSERT';

/** Where hook scripts find passwords: among their arguments, as MHA passes them, or in their environment. */
export type HookSecrets = 'arguments' | 'env';

/** MHA's hook scripts: command lines as written in the file; absent: there is none, or it was switched off by an empty value. */
export interface HookCommands {
  readonly masterIpFailover?: string;
  readonly masterIpOnlineChange?: string;
  readonly shutdown?: string;
  readonly report?: string;
  readonly secondaryCheck?: string;
}

/** One `[serverN]` block after inheritance: everything the product knows about a server before asking it. */
export interface ServerSettings {
  readonly id: ServerId;
  /** The block's name in the file, `server1`. */
  readonly block: string;
  readonly hostname: string;
  /** Address used for SQL: the configured `ip`, or what the hostname resolved to. */
  readonly address: string;
  readonly port: number;
  readonly nodeLabel?: string;
  readonly ssh: SshSettings;
  readonly account: Account;
  /** What the file says of the replication account; a missing user means "as the replica has it now". */
  readonly replicationUser?: string;
  readonly replicationPassword?: Secret;
  readonly candidateMaster: boolean;
  readonly noMaster: boolean;
  readonly ignoreFail: boolean;
  readonly skipInitSshCheck: boolean;
  readonly skipResetSlave: boolean;
  readonly multiTierSlave: boolean;
  readonly latestPriority: boolean;
  readonly checkReplDelay: boolean;
  /** Written in the file as `use_gtid_auto_pos`; undefined when the file does not say. */
  readonly useGtidAutoPos?: boolean;
  /** Directories searched for the binary logs when the server itself cannot be asked. */
  readonly binlogDirs: readonly string[];
  readonly masterPidFile?: string;
  readonly remoteWorkdir: string;
  readonly pingIntervalMs: number;
  readonly pingType: PingType;
  readonly hooks: HookCommands;
  /** The interface that has the cluster's writer address while this server is the source. */
  readonly writerVipInterface?: string;
  /**
   * An address of the manager that this replica can connect to; used for the recovery source instead of the SSH
   * reverse tunnel. Undefined: tunnel.
   */
  readonly recoveryListenAddress?: string;
}

/** One cluster: what `--conf` (and `--global-conf`) say, resolved and validated. */
export interface ClusterSettings {
  /** Name of the application: the configuration file's base name without its last extension. */
  readonly app: string;
  readonly confFile: string;
  /** In MHA's order (by block number): the tie-break of every election. */
  readonly servers: readonly ServerSettings[];
  /** `[binlogN]` blocks: hosts that hold copies of the source's binary logs. */
  readonly binlogServers: readonly ServerSettings[];
  readonly workdir: string;
  /** MHA's manager_log; undefined means the screen. */
  readonly logFile?: string;
  readonly logLevel: 'debug' | 'info' | 'warning' | 'error';
  readonly checkReplFilter: boolean;
  /** Abort before anything is repointed when the dead source's tail cannot be rescued whole. */
  readonly requireCompleteRescue: boolean;
  /** Seconds a planned switch waits for open transactions before it refuses. */
  readonly switchDrainSeconds: number;
  /** Seconds without any progress after which a wait for an applier gives up. */
  readonly applierStallSeconds: number;
  /** Bytes that may be fetched for a replica that is behind the new source; above it, it is listed for rebuild. */
  readonly laggardFetchLimitBytes: number;
  /** Bytes kept free on the manager's disk; below it the tail is served without keeping it. */
  readonly minFreeDiskBytes: number;
  /** Seconds that a hook script may run. */
  readonly hookTimeoutSeconds: number;
  readonly hookSecrets: HookSecrets;
  /** The address that clients write to, moved by the product itself; every server then has `writerVipInterface`. */
  readonly writerVip?: NetworkAddress;
}

/** The block of a server that is known to be one of the cluster's. */
export function settingsOf({ app, servers }: Pick<ClusterSettings, 'app' | 'servers'>, id: ServerId): ServerSettings {
  const found = servers.find((server) => server.id === id);
  if (found === undefined) throw new Error(`bug: ${id} is not a server of ${app}`);
  return found;
}
