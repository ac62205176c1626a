import type { ApplierOptions, ReceiverOptions, SslSettings } from './channel-options.js';
import type { Coordinates } from './coordinates.js';
import type { SemiSync } from './semi-sync.js';
import type { ServerId } from './settings.js';

/** A replication thread. `connecting` is not running: the receiver has no source at that moment. */
export type ThreadState = 'running' | 'stopped' | 'connecting' | 'unknown';

/** Seconds behind the source; `unknown` where the server says NULL. */
export type Lag = number | 'unknown';

/** How a replica asks its source for events. */
export type PositionMode = 'coordinates' | 'gtid-slave-pos' | 'gtid-current-pos' | 'auto-position';

export interface ServerVersion {
  readonly vendor: 'mysql' | 'mariadb';
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

export interface ReplicationFilters {
  readonly doDb: string;
  readonly ignoreDb: string;
  readonly doTable: string;
  readonly ignoreTable: string;
  readonly wildDoTable: string;
  readonly wildIgnoreTable: string;
  readonly rewriteDb: string;
  /** MariaDB: domains and server ids that the receiver drops. They make holes in the relay log. */
  readonly doDomainIds: string;
  readonly ignoreDomainIds: string;
  readonly ignoreServerIds: string;
}

/** One row of the replica status: a channel (MySQL) or connection (MariaDB) and where it stands. */
export interface Channel {
  /** Empty for the default one. */
  readonly name: string;
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUser: string;
  readonly sourceServerId: number;
  readonly sourceUuid?: string;
  readonly receiver: ThreadState;
  readonly applier: ThreadState;
  /** End of what the receiver has written to the relay log; may be inside a transaction. Undefined: not known. */
  readonly received?: Coordinates;
  /** End of what the applier has executed: always a transaction boundary. Undefined: not known. */
  readonly executed?: Coordinates;
  readonly mode: PositionMode;
  /** MariaDB: GTID position of the receiver; MySQL: Retrieved_Gtid_Set. */
  readonly receivedGtid: string;
  readonly receiverError: { readonly number: number; readonly text: string };
  readonly applierError: { readonly number: number; readonly text: string };
  /** The applier's own words for what it does now; says when the relay log is used up. MySQL: a worker's in front of a lock. */
  readonly applierState: string;
  readonly lag: Lag;
  readonly delaySeconds: number;
  /** MariaDB since 10.1: how its parallel appliers share the work, in its own word. */
  readonly parallelMode?: string;
  readonly connectRetry: number;
  /** Seconds between heartbeats the source is asked for; undefined where the status does not tell. */
  readonly heartbeatSeconds?: number;
  /** Heartbeats received since the receiver was started: progress of a source that has nothing to write. */
  readonly heartbeatsReceived?: number;
  readonly relayLogFile: string;
  readonly relayLogPosition: number;
  readonly relayLogSpace: number;
  readonly filters: ReplicationFilters;
  readonly ssl: SslSettings;
  readonly receiverOptions?: ReceiverOptions;
  readonly applierOptions?: ApplierOptions;
}

/** Servers that answer but cannot be managed: something else decides who their source is, or they lack what it takes. */
export type Unsupported = 'too-old' | 'group-replication' | 'galera' | 'aurora';

export interface OpenTransaction {
  /** The connection's id, to end it. */
  readonly connectionId: number;
  /** The engine's number of the transaction: the next one of the same connection has another. */
  readonly id?: string;
  readonly user: string;
  readonly seconds: number;
  readonly statement: string;
}

/** What a server that answered says of itself. Absent values are values the server does not have. */
export interface ServerState {
  readonly version: ServerVersion;
  /** Absent for the servers that this is made for. */
  readonly unsupported?: Unsupported;
  readonly serverId: number;
  readonly serverUuid?: string;
  readonly hostname: string;
  readonly readOnly: boolean;
  readonly superReadOnly?: boolean;
  readonly logBin: boolean;
  readonly logReplicaUpdates: boolean;
  readonly relayLogPurge: boolean;
  readonly relayLogRecovery: boolean;
  readonly dataDir: string;
  /** Directory and base name of the binary logs; absent without log_bin. */
  readonly binlogBase?: string;
  /** The option, with its value, by which the files of the binary log can be read by their own server alone. */
  readonly binlogSealedBy?: string;
  readonly relayLogBase?: string;
  readonly relayLogIndex?: string;
  readonly pidFile: string;
  readonly bindAddress: string;
  readonly netTimeoutSeconds: number;
  /** Where the server's own binary log ends. */
  readonly binlogEnd?: Coordinates;
  readonly binlogDoDb: string;
  readonly binlogIgnoreDb: string;
  /** MariaDB's positions; empty text on other servers. */
  readonly gtid: {
    readonly binlogPos: string;
    readonly slavePos: string;
    readonly currentPos: string;
    readonly binlogState: string;
    readonly strictMode: boolean;
    readonly domainId: number;
    /** MySQL: gtid_mode and the executed and purged sets. */
    readonly mode: string;
    readonly executed: string;
    readonly purged: string;
  };
  readonly parallelThreads: number;
  /** MySQL: how often the position of parallel appliers is brought up to what they have executed; 0 elsewhere. */
  readonly checkpointMs: number;
  readonly eventScheduler: boolean;
  /** Undefined where the server has no semi-synchronous replication. */
  readonly semiSync?: SemiSync;
  readonly channels: readonly Channel[];
}

/** What came of asking a server. Only `answered` carries facts; the rest says why there are none. */
export type Reach =
  | { readonly kind: 'answered'; readonly state: ServerState }
  /** The server spoke, but refused us: alive, misconfigured. Never counted as dead. */
  | { readonly kind: 'refused-us'; readonly errno: number; readonly message: string }
  /** Nobody listens there: the host answered with a reset. */
  | { readonly kind: 'port-refused'; readonly message: string }
  /** No answer inside the deadline, no route, name not found. */
  | { readonly kind: 'no-answer'; readonly message: string };

/** All servers at one moment, frozen. Roles are not stored: they are derived from it. */
export interface Picture {
  /** Wall clock in milliseconds, for people; ordering uses the run's own sequence. */
  readonly takenAt: number;
  readonly servers: ReadonlyMap<ServerId, Reach>;
}

export function stateOf(picture: Picture, id: ServerId): ServerState | undefined {
  const reach = picture.servers.get(id);
  return reach?.kind === 'answered' ? reach.state : undefined;
}
