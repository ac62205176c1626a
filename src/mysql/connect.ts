import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault, isFault } from '../model/fault.js';
import { redact } from '../model/secret.js';
import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import { beforeDeadline, remaining } from './before-deadline.js';
import { Connection } from './connection.js';
import { loadDriver, openOn } from './driver.js';
import { classifyConnectError, type NotReached, reachOfFault } from './reach.js';
import { sessionSetup } from './session-setup.js';
import type { Target } from './target.js';

/**
 * Errors after which TLS is worth a try: 3159 says that plain connections are not allowed, and 1045 is what an account
 * with REQUIRE SSL gets without it.
 */
const perhapsTls: ReadonlySet<number> = new Set([1045, 3159]);

/** Connects and logs in, or says what the attempt shows of the server. Throws only when the signal is aborted. */
export async function tryConnect(target: Target, options: AskOptions): Promise<Connection | NotReached> {
  const since = performance.now();
  const first = await attempt(target, options, false);
  if (first instanceof Connection || first.kind !== 'refused-us' || !perhapsTls.has(first.errno)) return first;
  const second = await attempt(target, { ...options, deadlineMs: remaining(options.deadlineMs, since) }, true);
  return second instanceof Connection ? second : first;
}

/** The same, but throws SQL_NOT_CONNECTED where the server was not reached. */
export async function connect(target: Target, options: AskOptions): Promise<Connection> {
  const outcome = await tryConnect(target, options);
  if (outcome instanceof Connection) return outcome;
  throw notConnected(target, outcome);
}

function notConnected(target: Target, reach: NotReached): Fault {
  return new Fault('SQL_NOT_CONNECTED', {
    server: target.server,
    reach: reach.kind,
    message: reach.message,
    ...(reach.kind === 'refused-us' ? { errno: reach.errno } : {}),
  });
}

async function attempt(target: Target, options: AskOptions, encrypted: boolean): Promise<Connection | NotReached> {
  options.signal?.throwIfAborted();
  const since = performance.now();
  const login: Login = { greeted: false };
  try {
    const work = logIn(target, encrypted, login);
    const expired = (): Error => new Error(`no login within ${String(Math.round(options.deadlineMs))} ms`);
    const connection = await beforeDeadline(work, options, expired);
    return await prepare(connection, { ...options, deadlineMs: remaining(options.deadlineMs, since) });
  } catch (error) {
    login.givenUp = true;
    login.stream?.destroy();
    options.signal?.throwIfAborted();
    const reach = classifyConnectError(error, login.greeted);
    return { ...reach, message: redact(reach.message, [target.account.password]) };
  }
}

/** How far a login has come; read when it fails, and told when nobody waits for it any more. */
interface Login {
  stream?: Duplex;
  greeted: boolean;
  givenUp?: boolean;
}

async function logIn(target: Target, encrypted: boolean, login: Login): Promise<Connection> {
  const driver = await loadDriver();
  const stream = target.open === undefined ? dial(target) : await target.open();
  login.stream = stream;
  if (login.givenUp === true) {
    stream.destroy();
    throw new Error('nobody waits for this login any more');
  }
  stream.once('data', () => {
    login.greeted = true;
  });
  const raw = openOn(driver, stream, target.account, encrypted);
  await new Promise<void>((resolve, reject) => {
    raw.once('connect', () => {
      resolve();
    });
    stream.once('error', reject);
    stream.once('close', () => {
      reject(new Error('the server closed the connection before the login was done'));
    });
    raw.on('error', reject);
  });
  return new Connection({
    target,
    raw,
    stream,
    encrypted,
    escape: (value) => driver.escape(value),
    kill: (threadId) => killQuery(target, threadId),
  });
}

async function prepare(connection: Connection, options: AskOptions): Promise<Connection | NotReached> {
  try {
    await connection.ask(sessionSetup, options);
    return connection;
  } catch (error) {
    connection.close();
    if (isFault(error)) return reachOfFault(error);
    throw error;
  }
}

/** Milliseconds of silence after which the kernel asks whether the peer's host is still there. */
const keepAliveMs = 5000;

function dial(target: Target): Duplex {
  const socket = connectTcp({ host: target.address, port: target.port, noDelay: true });
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
}

/** Milliseconds for the whole attempt. It runs behind the caller's back, so it must be short. */
const killDeadlineMs = 2000;

/**
 * Stops the statement that an abandoned connection still runs. An attempt only: the caller was already told that the
 * outcome is unknown, and a server that cannot be reached now cannot be told anything else.
 */
async function killQuery(target: Target, threadId: number): Promise<void> {
  const connection = await tryConnect(target, { deadlineMs: killDeadlineMs });
  if (!(connection instanceof Connection)) return;
  try {
    await connection.ask(statement('KILL QUERY ?', threadId), { deadlineMs: killDeadlineMs });
  } catch (error) {
    // ER_NO_SUCH_THREAD and the like: the statement is over, which is what was wanted.
    if (!isFault(error)) throw error;
  } finally {
    connection.close();
  }
}
