import { isFault } from '../model/fault.js';
import type { PingType } from '../model/settings.js';
import { statement } from '../model/statement.js';
import type { OpenPing, Ping, PingAnswer } from '../ports/ping.js';
import { remaining } from './before-deadline.js';
import { connect, tryConnect } from './connect.js';
import { Connection } from './connection.js';
import { endFormerHolder, type LockAnswer, type LockHolder, takeMonitorLock } from './locks.js';
import { reachOfFault } from './reach.js';
import { runAll } from './session.js';
import type { Target } from './target.js';

/** Opens the health loop's connection; the interval bounds how long a vanished manager's lock survives it. */
export function pingOpener(target: Target, type: PingType, intervalMs: number): OpenPing {
  const memory: LockMemory = { former: undefined };
  return async (deadlineMs) => {
    const since = performance.now();
    const outcome = await tryConnect(target, { deadlineMs });
    if (!(outcome instanceof Connection)) return outcome;
    try {
      await outcome.ask(idleLimit(intervalMs), { deadlineMs: remaining(deadlineMs, since) });
      return { kind: 'open', ping: toPing(target, type, outcome, memory) };
    } catch (error) {
      outcome.close();
      if (isFault(error)) return reachOfFault(error);
      throw error;
    }
  };
}

/**
 * A manager whose host vanishes leaves its session, and with it the lock, to the server. This ends it after some missed
 * checks, so that a manager elsewhere can take over; the floor keeps a slow one from losing its lock between two checks.
 */
function idleLimit(intervalMs: number): ReturnType<typeof statement> {
  return statement('SET SESSION wait_timeout=?', Math.max(30, Math.ceil((intervalMs * 4) / 1000)));
}

/** Which connection of one health loop took the lock last. */
interface LockMemory {
  former: LockHolder | undefined;
}

function toPing(target: Target, type: PingType, connection: Connection, memory: LockMemory): Ping {
  return {
    check: (deadlineMs) => answerOf(check(target, type, connection, deadlineMs)),
    takeLock: (waitSeconds, deadlineMs) => takeLock(connection, memory, waitSeconds, deadlineMs),
    lost: connection.lost,
    close: () => {
      connection.close();
    },
  };
}

async function takeLock(
  connection: Connection,
  memory: LockMemory,
  waitSeconds: number,
  deadlineMs: number,
): Promise<LockAnswer> {
  const since = performance.now();
  const { former } = memory;
  if (former !== undefined) await endFormerHolder(connection, former, { deadlineMs });
  const answer = await takeMonitorLock(connection, waitSeconds, { deadlineMs: remaining(deadlineMs, since) });
  const { threadId, localPort } = connection;
  if (answer === 'taken') memory.former = localPort === undefined ? undefined : { threadId, localPort };
  return answer;
}

async function check(target: Target, type: PingType, connection: Connection, deadlineMs: number): Promise<void> {
  const since = performance.now();
  if (type === 'INSERT') {
    await write(connection, deadlineMs);
    return;
  }
  // With CONNECT too: the lock lives on this connection, and a server that drops it must be noticed.
  await connection.ask(statement('SELECT 1'), { deadlineMs });
  if (type === 'CONNECT') await knock(target, remaining(deadlineMs, since));
}

async function knock(target: Target, deadlineMs: number): Promise<void> {
  const since = performance.now();
  const fresh = await connect(target, { deadlineMs });
  try {
    await fresh.ask(statement('SELECT 1'), { deadlineMs: remaining(deadlineMs, since) });
  } finally {
    fresh.close();
  }
}

const upsert = statement(
  'INSERT INTO infra.chk_masterha VALUES (1, UNIX_TIMESTAMP()) ON DUPLICATE KEY UPDATE val=UNIX_TIMESTAMP()',
);

/** MHA's own table, so that both tools can look after the same cluster. */
const makeTable = [
  statement('CREATE DATABASE IF NOT EXISTS infra'),
  statement(
    'CREATE TABLE IF NOT EXISTS infra.chk_masterha' +
      ' (`key` TINYINT NOT NULL PRIMARY KEY, `val` INT(10) UNSIGNED NOT NULL DEFAULT 0)',
  ),
];

/** ER_BAD_DB_ERROR and ER_NO_SUCH_TABLE. */
const tableIsMissing: ReadonlySet<unknown> = new Set([1049, 1146]);

/** The table is made only when it is missing: CREATE goes to the binary log even when there is nothing to do. */
async function write(connection: Connection, deadlineMs: number): Promise<void> {
  const since = performance.now();
  try {
    await connection.ask(upsert, { deadlineMs });
  } catch (error) {
    if (!isFault(error, 'SQL_FAILED') || !tableIsMissing.has(error.facts['errno'])) throw error;
    await runAll(connection, [...makeTable, upsert], { deadlineMs: remaining(deadlineMs, since) });
  }
}

/** A server that says these is running but cannot write: disk full, write error, storage engine error, table full. */
const cannotWrite: ReadonlySet<number> = new Set([3, 1021, 1026, 1030, 1114]);

async function answerOf(work: Promise<void>): Promise<PingAnswer> {
  try {
    await work;
    return { kind: 'ok' };
  } catch (error) {
    if (!isFault(error)) throw error;
    const reach = reachOfFault(error);
    if (reach.kind === 'refused-us' && !cannotWrite.has(reach.errno)) return reach;
    return { kind: 'failed', message: reach.message };
  }
}
