import type { ChildProcess } from 'node:child_process';
import type { Accounts } from './accounts.js';
import type { CopyHost, DatabaseHost } from './cluster-host.js';
import type { TextRow } from './database.js';
import type { Family, FamilyName, ReplicationMode } from './family/family.js';
import type { Lab, SpawnSettings } from './lab.js';
import type { Direction } from './links.js';

export interface ClusterOptions {
  /** What the servers are. Default `mariadb`. */
  readonly family?: FamilyName;
  /** How many database hosts: db1 is the source, the others are its replicas. Default 4. */
  readonly servers?: number;
  readonly mode?: ReplicationMode;
  /** How many hosts without a database, `binlog1` and so on, are in the configuration as `[binlogN]`. Default none. */
  readonly copyHosts?: number;
  /** Default as the family's own. MySQL 5.6 has it on in GTID mode whatever is said here. */
  readonly logReplicaUpdates?: boolean;
  /** Lines for every server's option file: `slave_parallel_threads=4`. */
  readonly extraOptions?: readonly string[];
  /** Lines for one server's option file, by host name. */
  readonly perServer?: Readonly<Record<string, readonly string[]>>;
  /** Lines that come first in every sshd_config: `AllowTcpForwarding no`. */
  readonly sshdOptions?: readonly string[];
  /** The same for one host's, by its name. */
  readonly sshdPerServer?: Readonly<Record<string, readonly string[]>>;
  /** Keys of `[server default]` in the configuration file, besides the usual ones. */
  readonly conf?: Readonly<Record<string, string | number>>;
  /** Keys of one server's block in the configuration file, by host name. */
  readonly confPerServer?: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  /** `namespaces` where root may make them, else `loopback`. */
  readonly lab?: Lab['kind'];
}

export type ClusterHostName = string;

export interface Cluster {
  readonly lab: Lab['kind'];
  readonly folder: string;
  readonly family: Family;
  readonly mode: ReplicationMode;
  /** In MHA's format; readable in every host under this path. */
  readonly confFile: string;
  readonly workdir: string;
  readonly accounts: Accounts;
  readonly hosts: readonly DatabaseHost[];
  /** Hosts for copies of the source's binary log. */
  readonly copyHosts: readonly CopyHost[];
  host(name: ClusterHostName): DatabaseHost;
  sql(name: ClusterHostName, text: string): Promise<readonly TextRow[]>;
  /** Default SIGKILL; waits until the process is gone. */
  killServer(name: ClusterHostName, signal?: NodeJS.Signals): Promise<void>;
  startServer(name: ClusterHostName): Promise<void>;
  /** Replaces the running server by one below a supervisor named `mysqld_safe`. */
  startSupervised(name: ClusterHostName, options: { readonly restartDelayMs: number }): Promise<void>;
  killSshd(name: ClusterHostName): Promise<void>;
  startSshd(name: ClusterHostName): Promise<void>;
  /** SIGSTOP to the server; `thaw` wakes it. */
  freeze(name: ClusterHostName): void;
  thaw(name: ClusterHostName): void;
  /** Between two hosts, or (one name) a host from everybody. Names include `manager` and `client`. */
  cut(name: ClusterHostName, other?: ClusterHostName, direction?: Direction): Promise<void>;
  heal(name: ClusterHostName, other?: ClusterHostName): Promise<void>;
  limitRate(name: ClusterHostName, kilobytesPerSecond: number | undefined): Promise<void>;
  /** Power off. It cannot be started again. */
  killHost(name: ClusterHostName): Promise<void>;
  /** Starts a program in any host, `manager` and `client` included; `node` is on its PATH. */
  spawnIn(name: ClusterHostName, argv: readonly string[], settings?: SpawnSettings): ChildProcess;
  /** Every process of any host, in this machine's numbering. */
  processesOf(name: ClusterHostName): readonly number[];
  /** Where the host's own `/root` is, seen from here. */
  homeOf(name: ClusterHostName): string;
  /** Ends everything. `keep` moves the folder aside instead of removing it; its new path is returned. */
  stop(options?: { readonly keep?: boolean }): Promise<string | undefined>;
}
