import { Ledger } from '../binlog/ledger.js';
import type { ServedLog } from '../binlog/served-log.js';
import type { RecoverySource } from '../ports/recovery.js';
import { FileHeads } from './file-heads.js';

/**
 * What is held of one dead source, and whether more may come. Served connections look at it through `log`, whose
 * listeners also hear that nothing more comes.
 */
export class Rescue {
  readonly source: RecoverySource;
  readonly ledger = new Ledger();
  readonly heads = new FileHeads();
  readonly log: ServedLog;
  readonly #listeners = new Set<() => void>();
  #running = 0;
  #ended = 0;

  constructor(source: RecoverySource) {
    this.source = source;
    const { ledger } = this;
    this.log = {
      extentAt: (place) => ledger.extentAt(place),
      continueAt: (place) => ledger.continueAt(place),
      description: (file) => ledger.description(file),
      start: () => ledger.start(),
      onGrowth: (listener) => this.#listen(listener),
    };
  }

  /** Something was fetched, and nothing is being fetched now. */
  get isComplete(): boolean {
    return this.#running === 0 && this.#ended > 0;
  }

  /** Counts a fetch while it runs. */
  async during<T>(fetch: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await fetch();
    } finally {
      this.#running--;
      this.#ended++;
      for (const listener of [...this.#listeners]) listener();
    }
  }

  #listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    const stop = this.ledger.onGrowth(listener);
    return () => {
      this.#listeners.delete(listener);
      stop();
    };
  }
}
