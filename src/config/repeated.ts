import type { Finding } from '../model/finding.js';
import { type ConfLine, readLines } from './read-lines.js';
import type { ConfText } from './read-text.js';

type Value = Extract<ConfLine, { kind: 'value' }>;

/**
 * A block that was copied and keeps its old name is merged with the first one, as in MHA: the last value counts, and with a
 * second hostname the first server is nobody's any more. The values themselves may be secrets.
 */
export function repeatedKeys({ file, text }: ConfText): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, Value>();
  let block = '';
  for (const line of readLines(text)) {
    if (line.kind === 'block') block = line.name;
    if (line.kind !== 'value') continue;
    const place = `${block}\n${line.key}`;
    const earlier = seen.get(place);
    seen.set(place, line);
    if (earlier !== undefined && earlier.text !== line.text) findings.push(repeated(file, block, earlier, line));
  }
  return findings;
}

function repeated(file: string, block: string, earlier: Value, { key, line }: Value): Finding {
  return {
    id: 'config-repeated',
    severity: 'warn',
    seen: `${file}:${String(line)}: ${key} of [${block}] stands on line ${String(earlier.line)} already, with another value`,
    matters:
      key === 'hostname'
        ? 'Blocks of one name are one server: the first of the two is neither watched nor recovered.'
        : 'Only the last value counts, which may not be what was meant.',
    fix:
      key === 'hostname'
        ? `Give each server a block with a name of its own, if two are meant.`
        : 'Remove one of the lines, or give the block a name of its own if another server is meant.',
  };
}
