import type { ServerVersion } from '../../model/picture.js';
import { type Statement, statement } from '../../model/statement.js';
import type { Dialect, SourceChange } from '../../ports/servers.js';
import { isAtLeast } from '../version.js';
import { semiSync } from './semi-sync.js';
import { commonSettings, placeSettings, shared, withSettings } from './shared.js';

/** What a MariaDB of some version can do. */
export interface MariadbAbilities {
  /**
   * FLUSH TABLES closes what is not in use and waits for nobody (10.4.0, MDEV-5336). The lock has to close the same tables
   * and to sync those of the system: tens of milliseconds on a busy disk. Older ones would wait for running statements here,
   * and let everybody wait behind them.
   */
  readonly flushesUnused: boolean;
  /** TLS 1.2 in every build (10.4; before it some were built with a library that ends at 1.1). */
  readonly modernTls: boolean;
}

export function mariadbAbilities(version: ServerVersion): MariadbAbilities {
  const since104 = isAtLeast(version, 10, 4);
  return { flushesUnused: since104, modernTls: since104 };
}

/**
 * MariaDB: MASTER and SLAVE, named connections, no super_read_only. Any CHANGE needs both threads stopped and drops the
 * relay log.
 */
export function mariadbDialect(abilities: MariadbAbilities): Dialect {
  return {
    ...shared,
    ...semiSync,
    family: 'mariadb',
    switchesReceiverAlone: false,
    modernTls: abilities.modernTls,
    hasSuperReadOnly: false,
    stopReceiver: (channel) => [onChannel('STOP SLAVE', channel, ' IO_THREAD')],
    startReceiver: (channel) => [onChannel('START SLAVE', channel, ' IO_THREAD')],
    startApplier: (channel) => [onChannel('START SLAVE', channel, ' SQL_THREAD')],
    stopApplier: (channel) => [onChannel('STOP SLAVE', channel, ' SQL_THREAD')],
    stopReplication: (channel) => [onChannel('STOP SLAVE', channel)],
    startReplication: (channel) => [onChannel('START SLAVE', channel)],
    forgetSource: (channel) => [onChannel('RESET SLAVE', channel, ' ALL')],
    flushRelayLogs: (channel) => [onChannel('FLUSH NO_WRITE_TO_BINLOG RELAY LOGS', channel)],
    pointTo,
    readOnly: (on) => [statement('SET GLOBAL read_only=?', Number(on))],
    superReadOnly: () => [],
    prepareLock: () => (abilities.flushesUnused ? [statement('FLUSH NO_WRITE_TO_BINLOG TABLES')] : []),
    lockWrites,
    waitForPosition: (channel, at, seconds) =>
      statement('SELECT MASTER_POS_WAIT(?, ?, ?, ?) AS answer', at.file, at.position, seconds, channel),
    waitForGtid: (position, seconds) => statement('SELECT MASTER_GTID_WAIT(?, ?) AS answer', position, seconds),
    // Its parallel appliers do not wait for the rest of a transaction when they are stopped, and leave no gaps.
    parallelAppliers: () => undefined,
    applyInParallel: (threads, mode) => [
      statement('SET GLOBAL slave_parallel_mode=?', mode),
      statement('SET GLOBAL slave_parallel_threads=?', threads),
    ],
    fillGaps: () => [],
    setGtidSlavePos: (position) => [statement('SET GLOBAL gtid_slave_pos=?', position)],
  };
}

/** The connection's name comes right behind the verb; without one the default connection is meant, and only that. */
function onChannel(verb: string, channel: string, rest = ''): Statement {
  return channel === '' ? statement(`${verb}${rest}`) : statement(`${verb} ?${rest}`, channel);
}

const gtidWord = { 'gtid-slave-pos': 'slave_pos', 'gtid-current-pos': 'current_pos' } as const;

/** MASTER_USE_GTID is always said: since 10.10 leaving it out means slave_pos, whatever was set before. */
function pointTo(change: SourceChange): readonly Statement[] {
  const { from } = change;
  if (from.by === 'auto-position') throw new Error('MariaDB has no SOURCE_AUTO_POSITION');
  const useGtid = from.by === 'coordinates' ? 'no' : gtidWord[from.by];
  const { text, values } = onChannel('CHANGE MASTER', change.channel, ' TO');
  const settings = [...commonSettings(change, 'MASTER'), ...placeSettings(change, 'MASTER')];
  const item = withSettings(text, settings, `, MASTER_USE_GTID=${useGtid}`);
  return [{ text: item.text, values: [...values, ...item.values] }];
}

/**
 * read_only first, so that nothing begins that the lock would have to wait for; the lock then also holds back accounts
 * that may write in spite of read_only. Both statements wait for running writes, each at most `waitSeconds`, and all new
 * writes queue behind them: lock_wait_timeout counts whole seconds, max_statement_time (10.1.1) fractions too.
 */
function lockWrites(waitSeconds: number): readonly Statement[] {
  return [
    statement(
      'SET SESSION lock_wait_timeout=? /*M!100101 , max_statement_time=? */',
      Math.ceil(waitSeconds),
      waitSeconds,
    ),
    statement('SET GLOBAL read_only=?', 1),
    statement('FLUSH TABLES WITH READ LOCK'),
  ];
}
