/** One line of a configuration file that is neither blank nor a comment. */
export type ConfLine =
  | { readonly kind: 'block'; readonly line: number; readonly name: string }
  | { readonly kind: 'value'; readonly line: number; readonly key: string; readonly text: string }
  /** No program takes an argument with a NUL byte, and no file has such a name: no value may hold one. */
  | { readonly kind: 'unreadable'; readonly line: number; readonly hasNul: boolean };

/**
 * Splits text into lines with the meaning of Perl's Config::Tiny 2.28, which MHA reads its files with: a comment is
 * a whole line, or begins at " ; " followed by something; `#` behind a value belongs to the value.
 */
export function readLines(text: string): readonly ConfLine[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r{1,2}\n|\r|\n/)
    .map((written, index) => readLine(written, index + 1))
    .filter((line) => line !== undefined);
}

function readLine(written: string, line: number): ConfLine | undefined {
  if (/^\s*(?:[#;]|$)/.test(written)) return undefined;
  if (written.includes('\0')) return { kind: 'unreadable', line, hasNul: true };
  const bare = written.replace(/\s;\s.+$/, '');
  const name = /^\s*\[\s*(.+?)\s*\]\s*$/.exec(bare)?.[1];
  if (name !== undefined) return { kind: 'block', line, name };
  const pair = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(bare);
  if (pair?.[1] === undefined || pair[2] === undefined) return { kind: 'unreadable', line, hasNul: false };
  return { kind: 'value', line, key: pair[1], text: pair[2] };
}
