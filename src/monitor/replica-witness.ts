import { describeError } from '../model/fault.js';
import type { Channel } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { PortSight, TakeLeave } from '../ports/knock.js';
import type { Servers } from '../ports/servers.js';
import type { Door } from '../ports/shell.js';
import type { Testimony } from './evidence.js';
import { listenForGreeting } from './knock.js';
import { channelTo, judgeReadings, type Reading } from './replica-reading.js';

export interface WitnessPorts {
  readonly clock: Clock;
  readonly servers: Pick<Servers, 'channels'>;
  readonly door: Door;
  /** How a source that spoke to the replica's host is left; without it the connection is only closed. */
  readonly takeLeave?: TakeLeave | undefined;
}

export interface WatchedSource {
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
}

const kept = 20;

/** The port as the replica's host sees it: a TCP connection through its SSH server, and the greeting waited for. */
async function knockFrom(
  { door, takeLeave }: WitnessPorts,
  source: WatchedSource,
  deadlineMs: number,
): Promise<PortSight> {
  const reached = await door.reachFrom(source.address, source.port, deadlineMs);
  return typeof reached === 'string' ? reached : listenForGreeting(reached, deadlineMs, takeLeave);
}

/** One replica as a witness: what it saw before the first miss, and what it has seen since. */
export class ReplicaWitness {
  readonly replica: ServerId;
  readonly #source: WatchedSource;
  readonly #ports: WitnessPorts;
  #before: Channel | undefined;
  #silent = false;
  #readings: Reading[] = [];
  /** Counts changes between calm and inquiry, so that an answer to a calm question is not taken into an inquiry. */
  #era = 0;
  #inquiring = false;

  constructor(replica: ServerId, source: WatchedSource, ports: WitnessPorts) {
    this.replica = replica;
    this.#source = source;
    this.#ports = ports;
  }

  /** Whether it gave no answer when it was last asked while the source lived. */
  get wasSilent(): boolean {
    return this.#silent;
  }

  /** While the source lives: keeps both ways to the replica open and remembers how its receiver does. */
  async keepWarm(deadlineMs: number): Promise<void> {
    const era = this.#era;
    const [channels] = await Promise.allSettled([
      this.#ports.servers.channels(this.replica, { deadlineMs }),
      this.#ports.door.open(AbortSignal.timeout(deadlineMs)),
    ]);
    if (era !== this.#era) return;
    this.#silent = channels.status === 'rejected';
    // A replica that does not answer now was not seen at work, and so has nothing to testify later.
    this.#before = channels.status === 'fulfilled' ? channelTo(channels.value, this.#source) : undefined;
  }

  /** The source is back: the readings of the inquiry are no longer of use. */
  forget(): void {
    this.#readings = [];
    this.#inquiring = false;
    this.#era += 1;
  }

  /** Asks the replica and its host. Never rejects. */
  async ask(firstMissAt: number, deadlineMs: number, signal: AbortSignal): Promise<Testimony> {
    if (!this.#inquiring) this.#era += 1;
    this.#inquiring = true;
    const era = this.#era;
    const [reading, port] = await Promise.allSettled([
      this.#ports.servers.channels(this.replica, { deadlineMs, signal }),
      knockFrom(this.#ports, this.#source, deadlineMs),
    ]);
    if (reading.status === 'fulfilled' && era === this.#era) this.#remember(channelTo(reading.value, this.#source));
    const said =
      reading.status === 'fulfilled'
        ? judgeReadings(this.#before, this.#readings, firstMissAt)
        : ({ replication: 'cannot-tell', why: describeError(reading.reason) } as const);
    const sight = port.status === 'fulfilled' ? port.value : 'cannot-tell';
    const answered = reading.status === 'fulfilled' || sight !== 'cannot-tell';
    return { replica: this.replica, ...said, port: sight, answered, why: `${said.why}; port from there: ${sight}` };
  }

  #remember(channel: Channel | undefined): void {
    if (channel === undefined) return;
    this.#readings = [...this.#readings, { at: this.#ports.clock.now(), channel }].slice(-kept);
  }
}
