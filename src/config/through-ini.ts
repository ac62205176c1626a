import { parse } from 'ini';
import type { ConfLine } from './read-lines.js';

/** A value and the line that it was last written on. */
export interface IniValue {
  readonly line: number;
  readonly text: string;
}

/**
 * Merges checked lines into blocks with the `ini` package: repeated blocks become one, of repeated keys the last wins.
 * `ini` alone would read MHA's files differently (dots split a block's name, `#` ends a value, `true` becomes a
 * boolean), so it is given canonical text: names and values as JSON strings, each value led by its line number.
 */
export function mergeThroughIni(lines: readonly ConfLine[]): ReadonlyMap<string, ReadonlyMap<string, IniValue>> {
  const merged: unknown = parse(lines.map(canonicalLine).join('\n'));
  return new Map(entriesOf(merged).map(([name, block]) => [name, readBlock(block)]));
}

/** In ASCII alone: `ini` takes U+2028 and its kind for the end of a line, and the line would be lost. */
function quoted(text: string): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replaceAll(/[\u007f-\uffff]/g, escape);
}

function canonicalLine(line: ConfLine): string {
  switch (line.kind) {
    case 'block':
      return `[${quoted(line.name.replaceAll('.', '\\.')).replaceAll(']', '\\u005d')}]`;
    case 'value':
      return `${quoted(line.key)}=${quoted(`${String(line.line)}:${line.text}`)}`;
    case 'unreadable':
      return '';
  }
}

function readBlock(block: unknown): ReadonlyMap<string, IniValue> {
  return new Map(
    entriesOf(block).map(([name, value]) => {
      const guarded = String(value);
      const colon = guarded.indexOf(':');
      return [name, { line: Number(guarded.slice(0, colon)), text: guarded.slice(colon + 1) }];
    }),
  );
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
