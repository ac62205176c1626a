import type { Coordinates } from '../model/coordinates.js';
import { describeError } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type {
  CopyRequest,
  FetchedRange,
  FoundCopy,
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
import { fetchLogs } from './fetch-logs.js';
import { fetchTail } from './fetch-tail.js';
import type { FileCopy } from './file-copy.js';
import { findCopy } from './find-copy.js';
import { findStart } from './find-start.js';
import { throttled } from './progress.js';
import { Rescue } from './rescue.js';
import type { FetchRequest } from './open-tail.js';
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

  findCopy(request: CopyRequest, signal: AbortSignal): Promise<FoundCopy> {
    return findCopy(request, this.#parts.shells.door(request.host), signal);
  }

  async findStart({ logs, ...request }: StartRequest, signal: AbortSignal): Promise<Coordinates | undefined> {
    const failures: unknown[] = [];
    for (const log of logs) {
      try {
        const found = await findStart({ ...log, ...request }, this.#parts.shells.door(log.host), signal);
        if (found !== undefined) return found;
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
      }
    }
    if (failures.length > 0 && failures.length === logs.length) throw failures[0];
    return undefined;
  }

  /** One rescue from beginning to end: between two logs nobody is told that nothing more comes. */
  saveTail(request: TailRequest, signal: AbortSignal): Promise<readonly FetchedRange[]> {
    const rescue = this.#begun();
    const fetchOne = (one: FetchRequest): Promise<SavedRange> => {
      const door = this.#parts.shells.door(one.host);
      const stores = this.#tails.storesFor(rescue, one, door);
      return this.#told(one.host, (tell) =>
        fetchTail(one, { door, stores, onPiece: (copies) => tell(fetched(one.host, copies)) }, signal),
      );
    };
    return rescue.during(() => fetchLogs(request, rescue.source.serverId, fetchOne, signal));
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
    return rescue.during(() =>
      this.#told(host, (tell) => {
        const onPiece = (bytes: number): void => tell({ kind: 'fetched', server: host, bytes, transactions: 0 });
        return copyRelay(request, { ...parts, onPiece }, signal);
      }),
    );
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

  /** One fetch: its progress told while it runs, its end told in any case. */
  async #told(
    server: ServerId,
    fetch: (tell: (progress: RecoveryProgress) => void) => Promise<SavedRange>,
  ): Promise<SavedRange> {
    const tell = throttled(this.#parts.tell, () => this.#parts.clock.now());
    const range = await fetch(tell);
    const { bytes, transactions, to } = range;
    tell({ kind: 'fetched', server, bytes, transactions, upTo: to }, true);
    return range;
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
