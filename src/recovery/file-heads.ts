import { originOf } from '../binlog/file-origin.js';
import { firstPosition } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';

/**
 * When each file of a source's log was begun, as the log said that gave it first. A copy from before the source was rebuilt
 * has the same names and the same server's id, and no byte of it may be joined to the log of today.
 */
export class FileHeads {
  readonly #begun = new Map<string, number>();

  /** The source's own file: whatever was thought before. */
  own(file: string, head: Buffer): void {
    const origin = originOf(head);
    if (origin !== undefined) this.#begun.set(file, origin.begun);
  }

  /** Why a copy's file is another one of the same name; undefined when it is not, or nobody has had that file yet. */
  check(file: string, head: Buffer): Defect | undefined {
    const begun = originOf(head)?.begun;
    if (begun === undefined) return undefined;
    const known = this.#begun.get(file);
    if (known === undefined) this.#begun.set(file, begun);
    if (known === undefined || known === begun) return undefined;
    const [here, there] = [begun, known].map((seconds) => new Date(seconds * 1000).toISOString());
    const text = `${file} was begun at ${String(here)} here and at ${String(there)} elsewhere: it is another file of that name`;
    return { kind: 'not-a-binlog', at: { file, position: firstPosition }, text };
  }
}
