import type { Coordinates } from '../model/coordinates.js';
import type { Secret } from '../model/secret.js';
import type { ServerId } from '../model/settings.js';

/** Why bytes behind a place are not served. They were looked at and found unfit: served is only what is whole. */
export interface Defect {
  readonly kind: 'torn' | 'checksum' | 'missing-file' | 'encrypted' | 'unreadable' | 'not-a-binlog' | 'gap';
  readonly at: Coordinates;
  readonly text: string;
}

/** What was read from one place and proven whole: from `from` to `to` every event follows on the one before. */
export interface SavedRange {
  readonly from: Coordinates;
  /** End of the last whole, checksummed transaction (or of a harmless event behind it). */
  readonly to: Coordinates;
  readonly bytes: number;
  readonly transactions: number;
  /** GTIDs of the transactions, as the family writes a set or a position list; empty without GTIDs. */
  readonly gtids: string;
  /** Set when something behind `to` exists but is not served. A torn last transaction is normal after a crash. */
  readonly defect?: Defect;
  /** Files kept in the work directory; empty when the disk was too full to keep them. */
  readonly files: readonly string[];
}

/** The source's binary log as it lies on a host: on the source's own disk, or as a `[binlogN]` host's copy of it. */
export interface LogOnHost {
  readonly host: ServerId;
  /** Directory and base name, `/var/lib/mysql/mysql-bin`. */
  readonly binlogBase: string;
}

export interface SourceLog extends LogOnHost {
  /** Newest file and its size, as they were when somebody looked. */
  readonly end: Coordinates;
  /** Of a copy: its block and host, as people call it, `binlog1 backup7`. Absent: the source's own. */
  readonly copy?: string;
}

/** Where copies of a source's binary log may lie on a host. */
export interface CopyRequest {
  readonly host: ServerId;
  /** In the order of search; the one that has most is taken. */
  readonly directories: readonly string[];
  /** Base name of the files, `mysql-bin`. */
  readonly name: string;
  /** The source: files that another server wrote are no copy of its log. 0: not known. */
  readonly serverId: number;
}

export type FoundCopy =
  { readonly found: true; readonly log: Omit<SourceLog, 'copy'> } | { readonly found: false; readonly why: string };

/** A range with the host that it came from. */
export interface FetchedRange extends SavedRange {
  readonly host: ServerId;
  readonly copy?: string;
}

export interface TailRequest {
  /** In the order of use: what one does not give is fetched from the next. */
  readonly logs: readonly SourceLog[];
  readonly from: Coordinates;
  /** Exclusive end; left out: to the end of the newest file. */
  readonly until?: Coordinates;
  /** More bytes than this are not fetched: the call throws RESCUE_TOO_LONG. */
  readonly limitBytes?: number;
}

/** Where a server that knows no coordinates goes on. */
export interface StartRequest {
  /** In the order of use: the first one that tells is believed. */
  readonly logs: readonly LogOnHost[];
  readonly family: 'mysql' | 'mariadb';
  /** What it holds, as the family writes it. */
  readonly held: string;
}

export interface RelayRequest {
  readonly host: ServerId;
  readonly relayLogIndex: string;
  readonly relayLogBase: string;
  readonly dataDir: string;
  /** The server whose events are wanted; the replica's own events in its relay log are bookkeeping. */
  readonly replicaServerId: number;
  /** Copy back to a place at or before this; what is older is left out. Absent: everything it holds. */
  readonly from?: Coordinates;
  /**
   * End of what its receiver had written when it was last looked at. MariaDB's relay files do not always name the
   * source's file: after FLUSH LOGS on the replica, and once older ones are purged, only this tells.
   */
  readonly received?: Coordinates;
}

export interface ServeRequest {
  readonly replica: ServerId;
  /** Only this replica is let in. */
  readonly serverId: number;
  readonly serverUuid?: string;
  /** Checked where both are known; otherwise any login is accepted, on a loopback listener for one replica. */
  readonly account?: { readonly user: string; readonly password: Secret };
  /** Through an SSH reverse tunnel on the replica's own loopback, or on an address of the manager. */
  readonly via: { readonly kind: 'tunnel' } | { readonly kind: 'listen'; readonly address: string };
}

export interface RecoveryProgress {
  readonly kind: 'fetched' | 'served';
  readonly server: ServerId;
  readonly bytes: number;
  readonly transactions: number;
  /** End of what is proven whole (fetched) or was sent (served). */
  readonly upTo?: Coordinates;
}

/** What serving needs to know of the dead source. */
export interface RecoverySource {
  readonly id: ServerId;
  readonly serverId: number;
  readonly serverUuid?: string;
  /** MySQL's gtid_mode; empty where the server has none. */
  readonly gtidMode: string;
  /** MariaDB's gtid_domain_id; 0 elsewhere. */
  readonly domainId: number;
  /** Directory that saved files are kept in. */
  readonly runDir: string;
}

/**
 * The recovery source: bytes fetched over SSH, kept, verified, and served to replicas under the dead source's own file names
 * and positions. It works in a thread of its own. Nothing it serves goes beyond what has been verified.
 */
export interface Recovery {
  /** Opens SSH to all hosts so that later calls find it open. Never throws for a host. */
  warm(): Promise<void>;
  /**
   * What serving needs to know of the dead source, before `serve` is called. Begins anew where it was begun: nothing is held
   * then, and nobody served; also where the thread had died.
   */
  begin(source: RecoverySource): Promise<void>;
  /** Looks for a copy of the source's log. Throws when the host cannot be asked. */
  findCopy(request: CopyRequest, signal: AbortSignal): Promise<FoundCopy>;
  /** The start of the file from which on such a server must be served; undefined when the log begins too late. */
  findStart(request: StartRequest, signal: AbortSignal): Promise<Coordinates | undefined>;
  /**
   * Fetches and verifies; what is verified can be served while this still runs. Resolves when the end is reached, with
   * what each log gave: a range begins where the one before it ends. Throws only when no log could be begun.
   */
  saveTail(request: TailRequest, signal: AbortSignal): Promise<readonly FetchedRange[]>;
  /** Copies relay files from a replica's host and finds the source's events in them. */
  saveRelay(request: RelayRequest, signal: AbortSignal): Promise<SavedRange>;
  /** Opens the listener for one replica. The address is what that replica is pointed at. */
  serve(request: ServeRequest): Promise<{ readonly host: string; readonly port: number }>;
  stopServing(replica: ServerId): Promise<void>;
  /** Closes listeners and tunnels; kept files stay. */
  end(): Promise<void>;
  /** Called for each progress message, and once if the thread dies. */
  onProgress(listener: (progress: RecoveryProgress) => void): void;
  /** Resolves with the reason when the thread has died. Never rejects. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}
