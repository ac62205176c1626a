import { compareFiles, fileNumber } from '../model/coordinates.js';

/** A binary log file on the host that holds it. */
export interface ListedFile {
  readonly file: string;
  readonly size: number;
}

/**
 * Reads lines `SIZE NAME` into the binary log files of this base name, in the order of their numbers. Whatever else
 * lies in that directory (the index, copies with other endings) is left out; a name seen twice keeps its last size.
 */
export function parseListing(text: string, baseName: string): readonly ListedFile[] {
  const sizes = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(\d+) (?:\.\/)?(.+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    if (isLogFile(match[2], baseName)) sizes.set(match[2], Number(match[1]));
  }
  return [...sizes].map(([file, size]) => ({ file, size })).sort((a, b) => compareFiles(a.file, b.file));
}

/** A numbered file of this base name: `mysql-bin.000042`, never `mysql-bin.index` or `mysql-bin.000042.gz`. */
function isLogFile(file: string, baseName: string): boolean {
  return file.startsWith(`${baseName}.`) && /^\d+$/.test(file.slice(baseName.length + 1));
}

/** The files from this one on, as far as the numbers follow on each other; and the number that is missing, if any. */
export function runFrom(
  files: readonly ListedFile[],
  first: string,
): { readonly run: readonly ListedFile[]; readonly missingAfter?: string } {
  const later = files.filter((item) => compareFiles(item.file, first) >= 0);
  const gap = later.findIndex((item, index) => {
    const before = later[index - 1];
    return before !== undefined && fileNumber(item.file) !== (fileNumber(before.file) ?? 0) + 1;
  });
  const last = later[gap - 1];
  return gap < 0 || last === undefined ? { run: later } : { run: later.slice(0, gap), missingAfter: last.file };
}

/** Whether the log still ends where it ended. */
export function sameEnd(before: readonly ListedFile[], after: readonly ListedFile[]): boolean {
  const was = before.at(-1);
  const is = after.at(-1);
  return was?.file === is?.file && was?.size === is?.size;
}

/** The listing with a size that is known better. */
export function withSize(files: readonly ListedFile[], file: string, size: number): readonly ListedFile[] {
  return files.map((item) => (item.file === file ? { file, size } : item));
}
