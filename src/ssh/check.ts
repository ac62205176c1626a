import type { Duplex } from 'node:stream';
import { describeError, type Fault, isFault } from '../model/fault.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import type { Door, Shells } from '../ports/shell.js';
import { startDeadline, unlessAborted } from './deadline.js';
import { type DirectoryReport, directoryCheck, readDirectoryStates } from './directory-check.js';

/** `cannot-tell`: not tried, because what it needs has failed. */
export type CheckOutcome = 'ok' | 'failed' | 'cannot-tell';

export interface CheckResult {
  readonly outcome: CheckOutcome;
  readonly ms: number;
  /** Why it failed, in the words of the catalogue where it has them. */
  readonly fault?: Fault;
  readonly message?: string;
}

/** What one server's host answers to SSH. */
export interface SshCheck {
  readonly id: ServerId;
  readonly host: string;
  /** `skip_init_ssh_check`: nothing was tried. */
  readonly skipped: boolean;
  /** The SSH port answers, with a host key that is accepted. */
  readonly reach: CheckResult;
  readonly login: CheckResult;
  /** A command runs and its output comes back unharmed. */
  readonly command: CheckResult;
  /** The host opens connections for us; needed to look at ports from there. */
  readonly forward: CheckResult;
  /** The host listens for us on its own loopback; needed to serve a replica without a listen address. */
  readonly reverse: CheckResult;
  readonly directories: readonly DirectoryReport[];
}

export type CheckedServer = Pick<ServerSettings, 'id' | 'ssh' | 'port' | 'binlogDirs' | 'skipInitSshCheck'>;

export interface SshCheckOptions {
  /** For everything on one host together. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** Asks all hosts at once. Never throws for a host. */
export function checkSsh(
  servers: readonly CheckedServer[],
  shells: Shells,
  options: SshCheckOptions,
): Promise<readonly SshCheck[]> {
  return Promise.all(servers.map((server) => checkHost(server, shells, options)));
}

const untried: CheckResult = { outcome: 'cannot-tell', ms: 0 };

async function checkHost(server: CheckedServer, shells: Shells, options: SshCheckOptions): Promise<SshCheck> {
  const nothing = {
    id: server.id,
    host: server.ssh.host,
    skipped: server.skipInitSshCheck,
    reach: untried,
    login: untried,
    command: untried,
    forward: untried,
    reverse: untried,
    directories: server.binlogDirs.map((path) => ({ path, state: undefined })),
  };
  if (server.skipInitSshCheck) return nothing;
  const door = shells.door(server.id);
  const deadline = startDeadline(options.deadlineMs, options.signal);
  try {
    const opened = await timed(() => door.open(deadline.signal));
    if (opened.outcome !== 'ok') return { ...nothing, ...whereItStopped(opened) };
    const [command, forward, reverse] = await Promise.all([
      checkCommand(door, server.binlogDirs, options.deadlineMs, deadline.signal),
      timed(() => checkForward(door, server.port, options.deadlineMs)),
      timed(() => checkReverse(door, options.deadlineMs, deadline.signal)),
    ]);
    return { ...nothing, reach: opened, login: opened, ...command, forward, reverse };
  } finally {
    deadline.clear();
  }
}

/** A refused login is an answer: the host was reached. */
function whereItStopped(opened: CheckResult): Pick<SshCheck, 'reach' | 'login'> {
  const reached = opened.fault?.facts['stage'] === 'login';
  return reached ? { reach: { outcome: 'ok', ms: opened.ms }, login: opened } : { reach: opened, login: untried };
}

async function timed(work: () => Promise<void>): Promise<CheckResult> {
  const start = performance.now();
  const ms = (): number => Math.round(performance.now() - start);
  try {
    await work();
    return { outcome: 'ok', ms: ms() };
  } catch (error) {
    const failed = { outcome: 'failed', ms: ms(), message: describeError(error) } as const;
    return isFault(error) ? { ...failed, fault: error } : failed;
  }
}

async function checkCommand(
  door: Door,
  paths: readonly string[],
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Pick<SshCheck, 'command' | 'directories'>> {
  const greeting = 'mha-ts was here';
  let output = '';
  const command = await timed(async () => {
    const text = `echo '${greeting}'\n${directoryCheck(paths)}`;
    const result = await door.run(text, { deadlineMs, signal });
    if (result.code !== 0 || !result.stdout.startsWith(`${greeting}\n`)) {
      throw new Error(`a command ended with ${String(result.code)}: ${(result.stderr || result.stdout).trim()}`);
    }
    output = result.stdout;
  });
  return { command, directories: readDirectoryStates(output, paths) };
}

/** Any answer about the database's port proves that the host tried. */
async function checkForward(door: Door, port: number, deadlineMs: number): Promise<void> {
  const answer = await door.probePort('127.0.0.1', port, deadlineMs);
  if (answer === 'cannot-tell') throw new Error('the SSH server opens no connection for us (AllowTcpForwarding)');
}

/** Listens on the host and calls itself there: a byte that comes through proves the way a replica would take. */
async function checkReverse(door: Door, deadlineMs: number, signal: AbortSignal): Promise<void> {
  let arrived: (stream: Duplex) => void = () => undefined;
  const arrival = new Promise<Duplex>((resolve) => (arrived = resolve));
  const listener = await door.listenOn((stream) => {
    stream.on('error', () => stream.destroy());
    arrived(stream);
  });
  try {
    const call = await callBack(door, listener.port, deadlineMs);
    if (call === undefined) return; // Listening is allowed; only the call from that side is not.
    call.on('error', () => call.destroy());
    (await unlessAborted(arrival, signal)).end('x');
    await unlessAborted(firstByte(call), signal);
  } finally {
    await listener.close();
  }
}

async function firstByte(call: Duplex): Promise<void> {
  for await (const chunk of call) if (String(chunk) === 'x') return;
  throw new Error('the reverse tunnel was opened, but nothing came through');
}

async function callBack(door: Door, port: number, deadlineMs: number): Promise<Duplex | undefined> {
  try {
    return await door.connectFrom('127.0.0.1', port, deadlineMs);
  } catch (error) {
    if (isFault(error, 'SSH_NOT_FORWARDED')) return undefined;
    throw error;
  }
}
