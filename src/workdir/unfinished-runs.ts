import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { journalName } from './journal.js';
import { isMissing } from './status-file.js';

export interface UnfinishedRun {
  readonly id: string;
  readonly path: string;
  readonly lastStep?: string;
}

function parseLine(line: string): { what?: unknown; step?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // A kill in the middle of an append leaves half a line, always the last. It was never acted upon.
    return {};
  }
}

/** What a journal's text says of its run: ended, or the last step that was intended or done. */
export function readJournal(text: string): { readonly ended: boolean; readonly lastStep?: string } {
  let lastStep: string | undefined;
  let ended = false;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { what, step } = parseLine(line);
    if (what === 'end') ended = true;
    if (typeof step === 'string') lastStep = step;
  }
  return { ended, ...(lastStep === undefined ? {} : { lastStep }) };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Runs of this application whose journal has no `end`, oldest first: their manager was killed in the middle. */
export async function findUnfinishedRuns(workdir: string, app: string): Promise<readonly UnfinishedRun[]> {
  const entries = await readdir(workdir, { withFileTypes: true });
  const isRun = (name: string): boolean =>
    name.startsWith(`${app}-`) && /^\d{8}T\d{6}/.test(name.slice(app.length + 1));
  const names = entries.filter((entry) => entry.isDirectory() && isRun(entry.name)).map((entry) => entry.name);
  const found: UnfinishedRun[] = [];
  for (const id of names.sort()) {
    const path = join(workdir, id);
    const text = await readIfThere(join(path, journalName));
    if (text === undefined) continue;
    const { ended, lastStep } = readJournal(text);
    if (!ended) found.push({ id, path, ...(lastStep === undefined ? {} : { lastStep }) });
  }
  return found;
}
