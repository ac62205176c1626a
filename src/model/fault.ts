import { type Code, catalogue, type Facts } from './catalogue.js';

/**
 * What went wrong outside or was refused, as one value with three parts: what is so, why it matters, what to do.
 * The words come from the catalogue; the facts stay fields, so JSON output and tests never parse prose.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: Code;
  readonly facts: Facts;

  constructor(code: Code, facts: Facts, options?: { readonly cause?: unknown }) {
    super(catalogue[code].seen(facts), options);
    this.code = code;
    this.facts = facts;
  }

  get matters(): string {
    return catalogue[this.code].matters(this.facts);
  }

  get next(): string {
    return catalogue[this.code].next(this.facts);
  }

  /** 1 for refusals and failures, 2 for wrong usage; see the catalogue. */
  get exit(): number {
    return catalogue[this.code].exit;
  }

  toJSON(): { code: Code; seen: string; matters: string; next: string; facts: Facts } {
    return { code: this.code, seen: this.message, matters: this.matters, next: this.next, facts: this.facts };
  }
}

export function isFault(error: unknown, code?: Code): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}

/** The text of anything that was thrown, for a message; never "[object Object]". */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((part: unknown) => describeError(part)).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
