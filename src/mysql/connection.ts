/**
 * Room `mysql`: the one door to the database driver, all SQL text, and the reading of a server's state. It may import
 * `model` and `ports`, and it alone imports `mysql2`. Invariant: no statement waits longer than its deadline, and behind
 * an expired one the connection is gone and the statement is killed, so nothing takes effect unseen later on.
 */
import type { Connection as DriverConnection } from 'mysql2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault, isFault } from '../model/fault.js';
import { formatStatement, type Statement } from '../model/statement.js';
import type { AskOptions, Row } from '../ports/servers.js';
import { beforeDeadline } from './before-deadline.js';
import { bind } from './bind.js';
import { toRows } from './rows.js';
import { sqlFault } from './sql-fault.js';
import type { Target } from './target.js';

export interface ConnectionParts {
  readonly target: Target;
  readonly raw: DriverConnection;
  readonly stream: Duplex;
  readonly encrypted: boolean;
  readonly escape: (value: string | number) => string;
  /** Stops what the abandoned connection with this id still runs on the server. Must not reject. */
  readonly kill: (threadId: number) => Promise<void>;
}

/** One session on one server. One statement at a time; statements asked for meanwhile wait in the driver's queue. */
export class Connection {
  readonly threadId: number;
  readonly encrypted: boolean;
  /** Our end's TCP port: with `threadId` it tells this connection from any other that the server has seen. */
  readonly localPort: number | undefined;
  /** Resolves with the reason when the connection ends by itself, at the moment the end or reset arrives. */
  readonly lost: Promise<string>;
  readonly #parts: ConnectionParts;
  readonly #unanswered = new Set<(fault: Fault) => void>();
  #end: string | undefined;
  #announce: (reason: string) => void = () => undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.threadId = parts.raw.threadId;
    this.encrypted = parts.encrypted;
    this.localPort = parts.stream instanceof Socket ? parts.stream.localPort : undefined;
    this.lost = new Promise((resolve) => {
      this.#announce = resolve;
    });
    const ended = (reason: string) => () => {
      this.#fail(reason);
    };
    parts.stream.once('end', ended('the server closed the connection'));
    parts.stream.once('close', ended('the connection was closed'));
    parts.stream.on('error', (error: Error) => {
      this.#fail(error.message);
    });
    parts.raw.on('error', (error: Error) => {
      this.#fail(error.message);
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Runs one statement. Throws SQL_FAILED, SQL_NO_ANSWER, SQL_CONNECTION_LOST or the signal's reason. */
  async ask(item: Statement, options: AskOptions): Promise<readonly Row[]> {
    if (this.#end !== undefined) throw this.#lostFault(this.#end);
    options.signal?.throwIfAborted();
    try {
      return await beforeDeadline(this.#send(item), options, () => this.#late(item, options));
    } catch (error) {
      if (isFault(error, 'SQL_NO_ANSWER') || options.signal?.aborted === true) this.#abandon();
      if (isFault(error, 'SQL_CONNECTION_LOST')) this.close();
      throw error;
    }
  }

  /** Destroys the connection. The server rolls back and gives up locks when it notices. */
  close(): void {
    this.#end ??= 'closed by us';
    this.#rejectUnanswered(this.#end);
    this.#parts.raw.destroy();
    this.#parts.stream.destroy();
  }

  #send(item: Statement): Promise<readonly Row[]> {
    const { raw, escape, target } = this.#parts;
    const bound = bind(item, escape);
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      raw.query(bound, (error: unknown, result: unknown) => {
        this.#unanswered.delete(reject);
        if (error === null || error === undefined) resolve(toRows(result));
        else reject(sqlFault(target.server, item, error, target.account.password));
      });
    });
  }

  #late(item: Statement, options: AskOptions): Fault {
    const { server } = this.#parts.target;
    return new Fault('SQL_NO_ANSWER', {
      server,
      statement: formatStatement(item),
      deadlineMs: Math.round(options.deadlineMs),
    });
  }

  /**
   * What the kernel has not delivered yet must not arrive later: after a plain close it goes on trying, and a statement that
   * was given up on a cut line would be carried out when the line is back. A reset drops it.
   */
  #abandon(): void {
    if (!this.isOpen) return;
    const { stream } = this.#parts;
    if (stream instanceof Socket) stream.resetAndDestroy();
    this.close();
    void this.#parts.kill(this.threadId);
  }

  #fail(reason: string): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#announce(reason);
    this.#rejectUnanswered(reason);
    this.#parts.stream.destroy();
  }

  /** The driver does not always pass the end of its stream on to a running statement. */
  #rejectUnanswered(reason: string): void {
    for (const reject of this.#unanswered) reject(this.#lostFault(reason));
    this.#unanswered.clear();
  }

  #lostFault(message: string): Fault {
    return new Fault('SQL_CONNECTION_LOST', { server: this.#parts.target.server, message });
  }
}
