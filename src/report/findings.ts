import type { Finding, Severity } from '../model/finding.js';
import { noPaint, type Paint } from './paint.js';

const words: Readonly<Record<Severity, string>> = { refuse: 'REFUSE', warn: 'WARN', note: 'NOTE' };

const weights: Readonly<Record<Severity, number>> = { refuse: 0, warn: 1, note: 2 };

/** One line for each finding, what stops the command first: severity, id, what was seen, why it matters, what to do. */
export function findingLines(findings: readonly Finding[], paint: Paint = noPaint): readonly string[] {
  return findings
    .toSorted((a, b) => weights[a.severity] - weights[b.severity])
    .map(({ id, severity, seen, matters, fix }) => {
      const colour = { refuse: paint.bad, warn: paint.warning, note: paint.faint }[severity];
      return `${colour(words[severity].padEnd(6))} ${paint.strong(id)}: ${sentence(seen)} ${sentence(matters)} Fix: ${sentence(fix)}`;
    });
}

/** Texts come with and without their full stop; a server's message may hold line feeds, which would break the line. */
function sentence(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ').trim();
  return /[.!?:]$/.test(line) ? line : `${line}.`;
}
