import type { Fault } from '../model/fault.js';

/** The three parts of an error as a person reads them. */
export function formatFault(fault: Fault): string {
  return [
    `Error ${fault.code}: ${fault.message}`,
    `  Why it matters: ${fault.matters}`,
    `  What to do: ${fault.next}`,
  ].join('\n');
}
