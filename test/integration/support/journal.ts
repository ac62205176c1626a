import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of a run's journal, as far as tests read it. */
export interface JournalLine {
  readonly what: string;
  readonly step?: string;
}

export function journalOf(folder: string): readonly JournalLine[] {
  const lines = readFileSync(join(folder, 'journal.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalLine);
}

/** Where in the run a step was done; -1 when it was not. */
export function doneAt(journal: readonly JournalLine[], step: string): number {
  return journal.findIndex((line) => line.what === 'done' && line.step === step);
}
