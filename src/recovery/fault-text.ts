import type { Code, Facts } from '../model/catalogue.js';
import { describeError, Fault, isFault } from '../model/fault.js';

/** An error as it crosses the border between threads: a Fault keeps its code and facts, anything else its words. */
export type FaultText =
  | { readonly kind: 'fault'; readonly code: Code; readonly facts: Facts }
  | { readonly kind: 'other'; readonly message: string; readonly stack?: string };

export function faultToText(error: unknown): FaultText {
  if (isFault(error)) return { kind: 'fault', code: error.code, facts: error.facts };
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: 'other', message: describeError(error), ...(stack === undefined ? {} : { stack }) };
}

export function faultFromText(text: FaultText): Error {
  if (text.kind === 'fault') return new Fault(text.code, text.facts);
  const error = new Error(text.message);
  if (text.stack !== undefined) error.stack = text.stack;
  return error;
}
