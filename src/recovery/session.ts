import type { Coordinates } from '../model/coordinates.js';
import { describeError } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type {
  RecoveryProgress,
  RecoverySource,
  RelayRequest,
  SavedRange,
  ServeRequest,
  StartRequest,
  TailRequest,
} from '../ports/recovery.js';
import type { Shells } from '../ports/shell.js';
import type { RecoveryVerbs } from './answer-calls.js';
import { copyRelay } from './copy-relay.js';
import { fetchTail } from './fetch-tail.js';
import type { FileCopy } from './file-copy.js';
import { findStart } from './find-start.js';
import { throttled } from './progress.js';
import { Rescue } from './rescue.js';
import { selfSigned, type TlsIdentity } from './self-signed.js';
import { serveConnection } from './serve-connection.js';
import { openServing, type Serving } from './serving.js';
import { StoredTails } from './stored-tails.js';

export interface SessionParts {
  readonly shells: Shells;
  readonly hosts: readonly ServerId[];
  /** Bytes left free on the work directory's disk. */
  readonly minFreeBytes: number;
  readonly clock: Clock;
  readonly tell: (progress: RecoveryProgress) => void;
  readonly notice: (text: string) => void;
}

/** The recovery thread's work: what Recovery promises, without the thread. */
export class RecoverySession implements RecoveryVerbs {
  readonly #parts: SessionParts;
  readonly #tails: StoredTails;
  readonly #servings = new Map<ServerId, Serving>();
  #rescue: Rescue | undefined;
  #tls: TlsIdentity | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#tails = new StoredTails(parts.minFreeBytes, parts.notice);
  }

  async warm(): Promise<void> {
    const { shells, hosts, notice } = this.#parts;
    const doors = [...new Set(hosts.map((id) => shells.door(id)))];
    const open = doors.map((door) =>
      door.open().catch((error: unknown) => {
        notice(`no shell on ${door.host} for the rescue: ${describeError(error)}`);
      }),
    );
    await Promise.all(open);
  }

  async begin(source: RecoverySource): Promise<void> {
    await this.end();
    this.#rescue = new Rescue(source);
    this.#tls ??= selfSigned('mha-ts recovery source', this.#parts.clock.wall());
  }

  findStart(request: StartRequest, signal: AbortSignal): Promise<Coordinates | undefined> {
    return findStart(request, this.#parts.shells.door(request.host), signal);
  }

  saveTail(request: TailRequest, signal: AbortSignal): Promise<SavedRange> {
    const rescue = this.#begun();
    const door = this.#parts.shells.door(request.host);
    const stores = this.#tails.storesFor(rescue, request, door);
    return this.#save(rescue, request.host, (tell) =>
      fetchTail(request, { door, stores, onPiece: (copies) => tell(fetched(request.host, copies)) }, signal),
    );
  }

  saveRelay(request: RelayRequest, signal: AbortSignal): Promise<SavedRange> {
    const rescue = this.#begun();
    const { host } = request;
    const folder = rescue.source.runDir;
    const parts = {
      door: this.#parts.shells.door(host),
      ledger: rescue.ledger,
      folder,
      hasRoomFor: (bytes: number) => this.#tails.hasRoom(folder, bytes),
    };
    return this.#save(rescue, host, (tell) => {
      const onPiece = (bytes: number): void => tell({ kind: 'fetched', server: host, bytes, transactions: 0 });
      return copyRelay(request, { ...parts, onPiece }, signal);
    });
  }

  /** A second call for the same replica opens a new listener in place of the first. */
  async serve(request: ServeRequest): Promise<{ readonly host: string; readonly port: number }> {
    const rescue = this.#begun();
    const { shells, clock, tell, notice } = this.#parts;
    await this.stopServing(request.replica);
    const open = (path: string) => this.#tails.open(path);
    const parts = { rescue, clock, tell, notice, open, ...(this.#tls === undefined ? {} : { tls: this.#tls }) };
    const serving = await openServing(request, {
      door: shells.door(request.replica),
      notice,
      serve: (connection) => serveConnection(request, parts, connection),
    });
    this.#servings.set(request.replica, serving);
    return { host: serving.host, port: serving.port };
  }

  async stopServing(replica: ServerId): Promise<void> {
    const serving = this.#servings.get(replica);
    this.#servings.delete(replica);
    await serving?.close();
  }

  async end(): Promise<void> {
    await Promise.all([...this.#servings.keys()].map((replica) => this.stopServing(replica)));
  }

  async close(): Promise<void> {
    await this.end();
    this.#parts.shells.close();
  }

  #begun(): Rescue {
    if (this.#rescue === undefined) throw new Error('the recovery was not begun: it does not know its source');
    return this.#rescue;
  }

  /** One fetch: counted while it runs, its progress told, its end told in any case. */
  #save(
    rescue: Rescue,
    server: ServerId,
    fetch: (tell: (progress: RecoveryProgress) => void) => Promise<SavedRange>,
  ): Promise<SavedRange> {
    const tell = throttled(this.#parts.tell, () => this.#parts.clock.now());
    return rescue.during(async () => {
      const range = await fetch(tell);
      const { bytes, transactions, to } = range;
      tell({ kind: 'fetched', server, bytes, transactions, upTo: to }, true);
      return range;
    });
  }
}

function fetched(server: ServerId, copies: readonly FileCopy[]): RecoveryProgress {
  const last = copies.at(-1);
  return {
    kind: 'fetched',
    server,
    bytes: copies.reduce((sum, copy) => sum + copy.next.position - copy.from, 0),
    transactions: copies.reduce((sum, copy) => sum + copy.transactions, 0),
    ...(last === undefined ? {} : { upTo: { file: last.file, position: last.verifiedUpTo } }),
  };
}
