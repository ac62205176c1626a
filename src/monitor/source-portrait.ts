import type { ServerState } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Servers } from '../ports/servers.js';
import type { Door } from '../ports/shell.js';
import type { ServerPlace } from './host-script.js';
import type { WatchedSource } from './replica-witness.js';
import { type SourceRecord, traceSource } from './source-record.js';

export interface PortraitPorts {
  readonly servers: Pick<Servers, 'reach'>;
  readonly door: Door;
}

const deadlineMs = 5_000;
/** In turns: now and then, not each time. */
const askAgainEvery = 20;

/**
 * What must be known of the source when it can no longer be asked: its directories, identity and settings in its own words,
 * and which process and unit run it. Drawn anew after each connect, since a server that was restarted is another process; the
 * settings now and then as well: one connection may last for months, in which gtid_mode is switched on, semi-synchronous
 * replication is given up, and transactions of further origins arrive.
 */
export class SourcePortrait {
  readonly #source: WatchedSource & { readonly id: ServerId; readonly dataDir?: string };
  readonly #ports: PortraitPorts;
  #state: ServerState | undefined;
  #record: SourceRecord | undefined;
  #isElsewhere = false;
  #turns = 0;

  constructor(source: WatchedSource & { readonly id: ServerId; readonly dataDir?: string }, ports: PortraitPorts) {
    this.#source = source;
    this.#ports = ports;
  }

  get place(): ServerPlace {
    const { address, port } = this.#source;
    const dataDir = this.#state?.dataDir ?? this.#source.dataDir;
    return { address, port, ...(dataDir === undefined ? {} : { dataDir }) };
  }

  /**
   * The host that we have a shell on showed no trace of it while it answered: something in between leads to it, and that nobody
   * is there says nothing.
   */
  get isElsewhere(): boolean {
    return this.#isElsewhere;
  }

  get remembered(): { readonly state?: ServerState; readonly record?: SourceRecord } {
    return {
      ...(this.#state === undefined ? {} : { state: this.#state }),
      ...(this.#record === undefined ? {} : { record: this.#record }),
    };
  }

  /** What could not be learnt stays as it was known before. Never rejects. */
  async draw(): Promise<void> {
    await this.#askServer();
    await this.#askHost();
  }

  async #askServer(): Promise<boolean> {
    const reach = await this.#ports.servers.reach(this.#source.id, deadlineMs);
    if (reach.kind === 'answered') this.#state = reach.state;
    return reach.kind === 'answered';
  }

  async #askHost(): Promise<void> {
    const trace = await traceSource(this.#ports.door, this.place, deadlineMs).catch(() => undefined);
    if (trace === undefined) return;
    if (trace.record !== undefined) this.#record = trace.record;
    // It may have died before its host was asked, and a host that has shown it once is the right one.
    this.#isElsewhere = trace.isMissing && this.#record === undefined && (await this.#askServer());
  }

  /** Keeps the way to its host open, and asks again for what may have changed or is not known yet. */
  async keepWarm(ms: number): Promise<void> {
    this.#turns += 1;
    const isTurn = this.#turns % askAgainEvery === 0;
    if (isTurn) await this.#askServer();
    if (isTurn && this.#record === undefined) await this.#askHost();
    else await this.#ports.door.open(AbortSignal.timeout(ms));
  }
}
