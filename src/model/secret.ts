/**
 * Room `model`: leaf types and small functions that every other room shares. It imports nothing outside
 * itself (and Node's `util.inspect.custom` symbol), holds no state and does no input or output.
 */
import { inspect } from 'node:util';

const mask = '********';

/**
 * A password. Printing, logging, inspecting or serialising it gives asterisks; only `reveal()`, called where a
 * protocol needs the bytes, gives the text. So a secret can travel inside ordinary values without leaking.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

/** Replaces every occurrence of the given secrets in a text that came from outside (a server's or a hook's words). */
export function redact(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (!secret.isEmpty) clean = clean.replaceAll(secret.reveal(), mask);
  }
  return clean;
}
