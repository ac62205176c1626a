import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import type { Client as SshClient } from 'ssh2';
import { describeError, Fault, isFault } from '../model/fault.js';
import { algorithmsFor } from './algorithms.js';
import { channelStream } from './channel-stream.js';
import { asError, startDeadline, unlessAborted } from './deadline.js';
import { type HostKeyNotice, type HostTrust, type Judgement, readHostTrust, settleHostKey } from './host-key.js';
import type { Identities, Keyring } from './keys.js';
import { Line, pingMs } from './line.js';
import { jumpTarget, type SshHome, type Target } from './target.js';
import type { WarmPolicy } from './warm-shells.js';
import { waysToLogIn } from './ways-to-log-in.js';

const { Client } = ssh2;

/** What all connections of a process share. */
export interface DialContext {
  readonly home: SshHome;
  readonly keyring: Keyring;
  readonly onNotice: (notice: HostKeyNotice) => void;
  readonly warmth: WarmPolicy;
}

/** How far a connection came: it tells "nobody there" from "not let in". */
type Stage = 'connect' | 'handshake' | 'login';

interface Attempt {
  readonly target: Target;
  readonly trust: HostTrust;
  readonly identities: Identities;
  stage: Stage;
  /** Side notes of the login that explain a refusal. */
  readonly remarks: string[];
  judged: { readonly key: Buffer; readonly judgement: Judgement } | undefined;
  refusal: Fault | undefined;
}

/**
 * Connects, checks the host's key and logs in, all within the target's connect timeout.
 * Throws SSH_UNREACHABLE, SSH_HOST_KEY_CHANGED, SSH_HOST_KEY_UNKNOWN, SSH_HOST_KEY_REVOKED or
 * SSH_KNOWN_HOSTS_UNREADABLE.
 */
export async function dial(target: Target, context: DialContext, outer?: AbortSignal): Promise<Line> {
  const [trust, identities] = await Promise.all([readHostTrust(target, context.home), context.keyring.load(target)]);
  const attempt: Attempt = {
    target,
    trust,
    identities,
    stage: 'connect',
    remarks: identities.skipped.map(({ path, why }) => `${path}: ${why}`),
    judged: undefined,
    refusal: undefined,
  };
  const deadline = startDeadline(target.connectTimeoutMs, outer);
  try {
    return await untilLetIn(attempt, context, deadline.signal);
  } catch (error) {
    throw isFault(error) ? error : asFault(attempt, error);
  } finally {
    deadline.clear();
    // A key that was seen is recorded whether the login succeeds or not, so that the next attempt compares with it.
    await tellHostKey(attempt, context);
  }
}

/**
 * Milliseconds after which to come again: a server that strangers keep busy who have not logged in turns some connections away
 * (MaxStartups; three in ten from the tenth on where nothing is said), and its host may hold what nobody else has.
 */
const pausesMs = [50, 100, 200, 400, 700];

async function untilLetIn(attempt: Attempt, context: DialContext, signal: AbortSignal): Promise<Line> {
  for (let turn = 0; ; turn += 1) {
    attempt.stage = 'connect';
    const socket = await openSocket(attempt.target, context, signal);
    attempt.stage = 'handshake';
    try {
      return await login(attempt, socket, context, signal);
    } catch (error) {
      const pause = pausesMs[turn];
      if (pause === undefined || signal.aborted || !wasTurnedAway(attempt, error)) throw error;
      await unlessAborted(sleep(pause), signal);
    }
  }
}

/** The other side closed the connection before it had shown a key. */
function wasTurnedAway({ stage, judged, refusal }: Attempt, error: unknown): boolean {
  if (stage !== 'handshake' || judged !== undefined || refusal !== undefined || !(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === 'ECONNRESET') ||
    /lost before handshake|closed before the login/.test(error.message)
  );
}

/** Before the handshake is through, a key is only claimed: its signature has not been checked. */
async function tellHostKey({ judged, stage, target }: Attempt, { onNotice }: DialContext): Promise<void> {
  if (judged === undefined || stage !== 'login') return;
  const notice = await settleHostKey(judged.key, judged.judgement, target);
  if (notice !== undefined) onNotice(notice);
}

function openSocket(target: Target, context: DialContext, signal: AbortSignal): Promise<Duplex> {
  const jump = target.jumps.at(-1);
  if (jump !== undefined) return throughJump(target, jumpTarget(target, jump), context, signal);
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: target.address, port: target.port, noDelay: true });
    const abort = (): void => {
      socket.destroy();
      reject(asError(signal.reason));
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The last jump host is reached through those before it. Its connection lives as long as the one through it. */
async function throughJump(target: Target, jump: Target, context: DialContext, signal: AbortSignal): Promise<Duplex> {
  const dialing = dial({ ...jump, jumps: target.jumps.slice(0, -1) }, context, signal);
  const closeJump = (): void => {
    dialing.then(
      (line) => {
        line.close();
      },
      () => undefined, // It never came, and its error is what the caller gets.
    );
  };
  try {
    const line = await unlessAborted(dialing, signal);
    const channel = await unlessAborted(line.forwardOut(target.address, target.port), signal);
    const stream = channelStream(channel, () => line.whyEnded());
    stream.once('close', closeJump);
    return stream;
  } catch (error) {
    closeJump();
    // Which host's key was refused must stay visible; everything else is a way that was not found.
    if (isFault(error) && error.code !== 'SSH_UNREACHABLE') throw error;
    throw new Error(`no way through ${jump.host}: ${describeError(error)}`, { cause: error });
  }
}

function login(attempt: Attempt, socket: Duplex, context: DialContext, signal: AbortSignal): Promise<Line> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(attempt.refusal ?? error);
      socket.destroy();
    };
    const abort = (): void => {
      fail(asError(signal.reason));
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    let settled = false;
    // This listener stays for the client's whole life: an error event without one would end the process.
    client.on('error', (error) => {
      // An agent that cannot be asked is one way of login less, and ssh2 goes on with the next.
      if (!settled && 'level' in error && error.level === 'agent') attempt.remarks.push(`agent: ${error.message}`);
      else if (!settled) fail(error);
    });
    client.once('close', () => {
      if (!settled) fail(new Error('the connection was closed before the login was done'));
    });
    client.once('handshake', () => (attempt.stage = 'login'));
    client.once('ready', () => {
      settled = true;
      signal.removeEventListener('abort', abort);
      resolve(new Line(client, socket));
    });
    try {
      start(client, attempt, socket, context);
    } catch (error) {
      fail(asError(error));
    }
  });
}

function start(client: SshClient, attempt: Attempt, socket: Duplex, { home }: DialContext): void {
  const { target, trust, identities } = attempt;
  client.connect({
    sock: socket,
    username: target.user,
    authHandler: [...waysToLogIn(target, identities, home)],
    algorithms: algorithmsFor(trust.keyTypes, target.compression),
    readyTimeout: 0, // The deadline of `dial` covers more than ssh2's.
    keepaliveInterval: pingMs,
    keepaliveCountMax: Number.MAX_SAFE_INTEGER, // Line decides, by anything heard and not by these answers alone.
    hostVerifier: (key: Buffer): boolean => {
      try {
        attempt.judged = { key: Buffer.from(key), judgement: trust.judge(key) };
        return true;
      } catch (error) {
        if (!isFault(error)) throw error;
        attempt.refusal = error;
        return false;
      }
    },
  });
}

function asFault(attempt: Attempt, error: unknown): Fault {
  const { target, trust, stage } = attempt;
  const message = describeError(error);
  if (message.includes('no matching host key format') && trust.keyTypes.length > 0) return trust.noSuchType();
  return new Fault(
    'SSH_UNREACHABLE',
    { host: target.host, address: target.address, port: target.port, stage, message: explain(attempt, message) },
    { cause: error },
  );
}

function explain({ target, identities, remarks }: Attempt, message: string): string {
  if (!message.includes('authentication methods failed')) return message;
  const offered = identities.usable.map(({ path }) => path);
  const tried = offered.length > 0 ? `keys offered: ${offered.join(', ')}` : 'no key file could be offered';
  return [`login as ${target.user} was refused (${tried})`, ...remarks].join('; ');
}
