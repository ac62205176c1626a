import type { ServerVersion } from '../../model/picture.js';
import { type Statement, statement } from '../../model/statement.js';
import type { Dialect, SourceChange } from '../../ports/servers.js';
import { isAtLeast } from '../version.js';
import { mysqlSettings } from './mysql-options.js';
import { semiSync } from './semi-sync.js';
import { commonSettings, named, placeSettings, type Setting, shared, withSettings } from './shared.js';

/** What a MySQL of some version can do and in which words. Found out once; nothing below asks for a version again. */
export interface MysqlAbilities {
  /** REPLICA instead of SLAVE in START, STOP and RESET (8.0.22). */
  readonly replicaWords: boolean;
  /** CHANGE REPLICATION SOURCE TO with SOURCE_ options (8.0.23). */
  readonly sourceWords: boolean;
  /** SOURCE_POS_WAIT (8.0.26). */
  readonly sourcePosWait: boolean;
  /** FOR CHANNEL, and a receiver that can be changed while the applier runs (5.7.6; the latter 5.7.4). */
  readonly channels: boolean;
  /** WAIT_FOR_EXECUTED_GTID_SET (5.7.5). */
  readonly executedSetWait: boolean;
  /** TLS 1.2 in every build (5.7.28; before it some were built with a library that ends at 1.1). */
  readonly modernTls: boolean;
  /** 5.7.8, and Percona Server 5.6. */
  readonly superReadOnly: boolean;
}

export function mysqlAbilities(version: ServerVersion, superReadOnly = isAtLeast(version, 5, 7, 8)): MysqlAbilities {
  return {
    replicaWords: isAtLeast(version, 8, 0, 22),
    sourceWords: isAtLeast(version, 8, 0, 23),
    sourcePosWait: isAtLeast(version, 8, 0, 26),
    channels: isAtLeast(version, 5, 7, 6),
    executedSetWait: isAtLeast(version, 5, 7, 5),
    modernTls: isAtLeast(version, 5, 7, 28),
    superReadOnly,
  };
}

/** MySQL 5.6 to 9.x and what is built from it. */
export function mysqlDialect(abilities: MysqlAbilities): Dialect {
  const noun = abilities.replicaWords ? 'REPLICA' : 'SLAVE';
  const on = (words: string, channel: string): readonly Statement[] => [onChannel(abilities, words, channel)];
  return {
    family: 'mysql',
    switchesReceiverAlone: abilities.channels,
    modernTls: abilities.modernTls,
    hasSuperReadOnly: abilities.superReadOnly,
    stopReceiver: (channel) => on(`STOP ${noun} IO_THREAD`, channel),
    startReceiver: (channel) => on(`START ${noun} IO_THREAD`, channel),
    startApplier: (channel) => on(`START ${noun} SQL_THREAD`, channel),
    stopApplier: (channel) => on(`STOP ${noun} SQL_THREAD`, channel),
    stopReplication: (channel) => on(`STOP ${noun}`, channel),
    startReplication: (channel) => on(`START ${noun}`, channel),
    forgetSource: (channel) => on(`RESET ${noun} ALL`, channel),
    flushRelayLogs: (channel) => on('FLUSH NO_WRITE_TO_BINLOG RELAY LOGS', channel),
    pointTo: (change) => [pointTo(abilities, change)],
    readOnly: (closed) => readOnly(abilities, closed),
    superReadOnly: (closed) =>
      abilities.superReadOnly ? [statement('SET GLOBAL super_read_only=?', Number(closed))] : [],
    waitForPosition: (channel, at, seconds) => {
      const wait = abilities.sourcePosWait ? 'SOURCE_POS_WAIT' : 'MASTER_POS_WAIT';
      return abilities.channels
        ? statement(`SELECT ${wait}(?, ?, ?, ?) AS answer`, at.file, at.position, seconds, channel)
        : statement(`SELECT ${wait}(?, ?, ?) AS answer`, at.file, at.position, seconds);
    },
    waitForGtid: (position, seconds) =>
      abilities.executedSetWait
        ? statement('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS answer', position, seconds)
        : // It answers with the number of transactions waited for, or -1, or NULL.
          statement('SELECT LEAST(WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS(?, ?), 0) AS answer', position, seconds),
    parallelAppliers: (channel) => (abilities.channels ? { ...parallelAppliers, values: [channel] } : undefined),
    applyInParallel: () => [],
    fillGaps: (channel) => on(`START ${noun} SQL_THREAD UNTIL SQL_AFTER_MTS_GAPS`, channel),
    // A MySQL replica's GTID state is what it has executed; there is nothing to set.
    setGtidSlavePos: () => [],
    ...shared,
    ...(abilities.channels ? { busyAppliers: () => busyAppliers } : {}),
    ...semiSync,
    ...writeLock(abilities),
  };
}

/** A single applier is in that table too, and never shows that it waits for a coordinator. */
const waits = "t.PROCESSLIST_STATE LIKE 'Waiting for an event from Coordinator%'";
const fromAppliers =
  'FROM performance_schema.replication_applier_status_by_worker w' +
  ' JOIN performance_schema.threads t ON t.THREAD_ID = w.THREAD_ID';
const parallelAppliers = statement(
  `SELECT t.PROCESSLIST_ID AS id, ${waits} AS waits ${fromAppliers} WHERE w.CHANNEL_NAME = ?`,
  '',
);

/** NULL where performance_schema is off: then nobody can tell. */
const busyAppliers = statement(`SELECT SUM(COALESCE(${waits}, 0) = 0) AS answer ${fromAppliers}`);

/** The default channel is named too (''): without the clause, STOP and START mean all channels. */
function onChannel(abilities: MysqlAbilities, words: string, channel: string): Statement {
  return abilities.channels ? statement(`${words} FOR CHANNEL ?`, channel) : statement(words);
}

function pointTo(abilities: MysqlAbilities, change: SourceChange): Statement {
  const prefix = abilities.sourceWords ? 'SOURCE' : 'MASTER';
  const verb = abilities.sourceWords ? 'CHANGE REPLICATION SOURCE TO' : 'CHANGE MASTER TO';
  const settings = [
    ...commonSettings(change, prefix),
    ...mysqlSettings(change, prefix),
    ...placeSettings(change, prefix),
    ...autoPosition(change, prefix),
  ];
  return abilities.channels
    ? withSettings(verb, settings, ' FOR CHANNEL ?', change.channel)
    : withSettings(verb, settings, '');
}

/** Said only when it changes: naming the option at all demands that the applier is stopped as well. */
function autoPosition(change: SourceChange, prefix: 'MASTER' | 'SOURCE'): readonly Setting[] {
  return change.modeNow === change.from.by ? [] : named(`${prefix}_AUTO_POSITION`, change.from.by === 'auto-position');
}

function readOnly(abilities: MysqlAbilities, closed: boolean): readonly Statement[] {
  const normal = statement('SET GLOBAL read_only=?', Number(closed));
  if (!abilities.superReadOnly) return [normal];
  const strict = statement('SET GLOBAL super_read_only=?', Number(closed));
  return closed ? [normal, strict] : [strict, normal];
}

/**
 * super_read_only waits for running commits and then holds every client back, which is the lock; a second one on top would
 * make the server close all its tables. Without it FLUSH TABLES WITH READ LOCK has to hold the privileged accounts.
 */
function writeLock(abilities: MysqlAbilities): Pick<Dialect, 'lockWrites' | 'unlockWrites'> {
  const limit = (seconds: number): Statement => statement('SET SESSION lock_wait_timeout=?', Math.ceil(seconds));
  return abilities.superReadOnly
    ? { lockWrites: (seconds) => [limit(seconds), ...readOnly(abilities, true)], unlockWrites: () => [] }
    : {
        lockWrites: (seconds) => [
          limit(seconds),
          ...readOnly(abilities, true),
          statement('FLUSH TABLES WITH READ LOCK'),
        ],
        unlockWrites: shared.unlockWrites,
      };
}
