import type { ApplierOptions, ReceiverOptions, SslSettings } from '../model/channel-options.js';
import type { Coordinates } from '../model/coordinates.js';
import type { Channel, OpenTransaction, Picture, PositionMode, Reach, ServerVersion } from '../model/picture.js';
import type { SemiSync } from '../model/semi-sync.js';
import type { Secret } from '../model/secret.js';
import type { ServerId } from '../model/settings.js';
import type { Statement } from '../model/statement.js';

/**
 * How a channel is to be pointed at a source. Only what is given is said, and the server keeps the rest, with two
 * exceptions: a CHANGE that names host or port forgets the place, and any CHANGE that names the receiver's side may put the
 * heartbeat back to its default (seen on MariaDB 10.11, MySQL 5.6 and 9.7). Both are therefore always given.
 */
export interface SourceChange {
  readonly channel: string;
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
  /** Where to continue: a place in the source's binary log, or the replica's own GTID state. */
  readonly from:
    { readonly by: 'coordinates'; readonly at: Coordinates } | { readonly by: Exclude<PositionMode, 'coordinates'> };
  /**
   * The mode the channel has now, where it is known. When it stays the same, MySQL need not be told, and only then can the
   * receiver be moved while the applier runs.
   */
  readonly modeNow?: PositionMode;
  readonly connectRetry?: number;
  readonly heartbeatSeconds?: number;
  readonly ssl?: Partial<SslSettings>;
  readonly receiver?: ReceiverOptions;
  /** Naming any of these demands that the applier is stopped as well. */
  readonly applier?: ApplierOptions;
}

/** The SQL of one server family. Pure: it makes statements, it never runs them. */
export interface Dialect {
  readonly family: ServerVersion['vendor'];
  /** Can a CHANGE move the receiver while the applier runs (MySQL 5.7.4+)? Elsewhere both must be stopped. */
  readonly switchesReceiverAlone: boolean;
  /** Can its receiver speak TLS 1.2, the oldest that we speak? */
  readonly modernTls: boolean;
  readonly hasSuperReadOnly: boolean;
  stopReceiver(channel: string): readonly Statement[];
  startReceiver(channel: string): readonly Statement[];
  startApplier(channel: string): readonly Statement[];
  stopApplier(channel: string): readonly Statement[];
  stopReplication(channel: string): readonly Statement[];
  startReplication(channel: string): readonly Statement[];
  pointTo(change: SourceChange): readonly Statement[];
  /** Of the default connection, both threads stopped. Nothing where there is no such thing. */
  applyInParallel(threads: number, mode: string): readonly Statement[];
  /** The ALL form: forgets the source and removes the relay log. Only when that is proven applied. */
  forgetSource(channel: string): readonly Statement[];
  relayLogPurge(on: boolean): readonly Statement[];
  /** The receiver begins another file. Said to this server alone: it must not become a transaction of its own. */
  flushRelayLogs(channel: string): readonly Statement[];
  readOnly(on: boolean): readonly Statement[];
  /** Lets privileged accounts write again, or not, on a server that stays read-only; nothing where there is no such thing. */
  superReadOnly(on: boolean): readonly Statement[];
  /** What makes the lock quick, while writes still go on and without holding them up. For the session that will lock. */
  prepareLock(): readonly Statement[];
  /**
   * Closes the server (read_only, super_read_only) and, where privileged accounts could still write, blocks every write and
   * commit until `unlockWrites`; each statement waits at most `waitSeconds` for running ones. Needs a held session.
   * `unlockWrites` gives up the lock alone: the server stays read only until `readOnly(false)`.
   */
  lockWrites(waitSeconds: number): readonly Statement[];
  unlockWrites(): readonly Statement[];
  /** One row, column `answer`: reached when >= 0; -1 time is up; NULL the applier does not run. */
  waitForPosition(channel: string, at: Coordinates, seconds: number): Statement;
  /** One row, column `answer`: 0 reached. */
  waitForGtid(position: string, seconds: number): Statement;
  /** One row, column `answer`: how many parallel appliers are at work on something. */
  busyAppliers(): Statement;
  /**
   * One row for each of a channel's parallel appliers: `id` of its connection, and whether it `waits` for more. Undefined where
   * they cannot be told apart, or where a stop does not wait for them.
   */
  parallelAppliers(channel: string): Statement | undefined;
  /** Starts the applier to make up for what parallel ones left out, and no further. Nothing where there is no such thing. */
  fillGaps(channel: string): readonly Statement[];
  /** Semi-synchronous replication: whether it waits for replicas, also while too few are attached; in the server's words. */
  semiSyncAsSource(
    words: SemiSync['words'],
    set: { readonly enabled: boolean; readonly waitsForNobody?: boolean },
  ): readonly Statement[];
  semiSyncAsReplica(words: SemiSync['words'], enabled: boolean): readonly Statement[];
  /** Columns Variable_name and Value: how many such replicas are attached, and whether it waits for them now. */
  semiSyncStatus(words: SemiSync['words']): Statement;
  setGtidSlavePos(position: string): readonly Statement[];
  endConnection(id: number): readonly Statement[];
  /** Advisory lock on the session's connection; one row, column `answer`: 1 taken. */
  takeLock(name: string, seconds: number): Statement;
}

export interface AskOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export type Row = Readonly<Record<string, string | number | null>>;

export interface RunningStatement {
  readonly connectionId: number;
  readonly user: string;
  readonly seconds: number;
  /** The server's own word for the kind of work, or the statement's first word. */
  readonly verb: string;
}

/** One connection that stays: locks and `FLUSH TABLES WITH READ LOCK` live as long as it does. */
export interface Session {
  run(statements: readonly Statement[], options: AskOptions): Promise<void>;
  ask(statement: Statement, options: AskOptions): Promise<readonly Row[]>;
  /** Where the server's binary log ends, asked on this very connection: an answer proves that its locks still stand. */
  binlogEnd(options: AskOptions): Promise<{ readonly at: Coordinates; readonly gtid: string } | undefined>;
  /** Resolves with the reason when the connection ends by itself. Never rejects. */
  readonly lost: Promise<string>;
  close(): void;
}

/**
 * The cluster's servers over SQL. Connections are kept warm and made again when they were lost; every call has a
 * deadline, after which the connection is destroyed and the statement killed over another one.
 */
export interface Servers {
  /** Asks all servers at once, each within the deadline. Never throws for a server. */
  observe(deadlineMs: number, ids?: readonly ServerId[]): Promise<Picture>;
  reach(id: ServerId, deadlineMs: number): Promise<Reach>;
  /** Only the replica status: what waits look at again and again. */
  channels(id: ServerId, options: AskOptions): Promise<readonly Channel[]>;
  binlogEnd(
    id: ServerId,
    options: AskOptions,
  ): Promise<{ readonly at: Coordinates; readonly gtid: string } | undefined>;
  /** The transactions that its binary log does not reach back to, as the family writes them. */
  binlogBeginning(id: ServerId, options: AskOptions): Promise<string | undefined>;
  /** Names of the XA transactions that are prepared and not ended. */
  preparedXa(id: ServerId, options: AskOptions): Promise<readonly string[]>;
  openTransactions(id: ServerId, options: AskOptions): Promise<readonly OpenTransaction[]>;
  /** What clients have their server do now: without appliers, dumps, sleepers and our own connections. */
  runningStatements(id: ServerId, options: AskOptions): Promise<readonly RunningStatement[]>;
  run(id: ServerId, statements: readonly Statement[], options: AskOptions): Promise<void>;
  ask(id: ServerId, statement: Statement, options: AskOptions): Promise<readonly Row[]>;
  hold(id: ServerId, options: AskOptions): Promise<Session>;
  /** The dialect of a server that has answered once; throws for one that never did. */
  dialect(id: ServerId): Dialect;
  close(): Promise<void>;
}
