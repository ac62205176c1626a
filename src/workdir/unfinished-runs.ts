import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalEntry, UnfinishedRun } from '../ports/workdir.js';
import { workdirFault } from './durable-write.js';
import { journalName, openJournal } from './journal.js';
import { ownerAtWork } from './run-owner.js';
import { isMissing } from './status-file.js';

function parseLine(line: string): { what?: unknown; step?: unknown; data?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // A kill in the middle of an append leaves half a line, always the last. It was never acted upon.
    return {};
  }
}

/** What a journal's text says of its run: ended, or the last step that was intended or done. */
export function readJournal(text: string): {
  readonly ended: boolean;
  readonly lastStep?: string;
  readonly begun: readonly string[];
  readonly remembered: ReadonlyMap<string, string>;
  readonly left?: readonly string[];
} {
  let lastStep: string | undefined;
  const begun = new Set<string>();
  const remembered = new Map<string, string>();
  let ended = false;
  let left: readonly string[] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { what, step, data } = parseLine(line);
    if (what === 'end') ended = true;
    if (what === 'left' && Array.isArray(data)) left = data.filter((server) => typeof server === 'string');
    if (typeof step !== 'string') continue;
    lastStep = step;
    if (what === 'intend') begun.add(step);
    if (what === 'intend' && typeof data === 'string') remembered.set(step, data);
    if (what === 'undone') begun.delete(step);
  }
  return {
    ended,
    begun: [...begun],
    remembered,
    ...(lastStep === undefined ? {} : { lastStep }),
    ...(left === undefined ? {} : { left }),
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw workdirFault(path, error);
  }
}

/** Runs of this application whose journal has no `end`, oldest first. */
export async function findUnfinishedRuns(
  workdir: string,
  app: string,
  wall: () => number,
): Promise<readonly UnfinishedRun[]> {
  const entries = await readdir(workdir, { withFileTypes: true }).catch((error: unknown) => {
    throw workdirFault(workdir, error);
  });
  const isRun = (name: string): boolean =>
    name.startsWith(`${app}-`) && /^\d{8}T\d{6}/.test(name.slice(app.length + 1));
  const names = entries.filter((entry) => entry.isDirectory() && isRun(entry.name)).map((entry) => entry.name);
  const found: UnfinishedRun[] = [];
  for (const id of names.sort()) {
    const path = join(workdir, id);
    const text = await readIfThere(join(path, journalName));
    if (text === undefined) continue;
    const { ended, lastStep, begun, remembered, left } = readJournal(text);
    if (ended) continue;
    const former = await readIfThere(join(path, 'former-settings.json'));
    const atWork = await ownerAtWork(path);
    found.push({
      id,
      path,
      begun,
      remembered,
      ...(lastStep === undefined ? {} : { lastStep }),
      ...(left === undefined ? {} : { left }),
      ...(former === undefined ? {} : { former }),
      ...(atWork === undefined ? {} : { atWork }),
      leave: (servers) => add(path, { what: 'left', data: servers }, wall),
      finish: (why) => add(path, { what: 'end', data: { why } }, wall),
    });
  }
  return found;
}

async function add(path: string, entry: JournalEntry, wall: () => number): Promise<void> {
  // A kill in the middle of an append leaves half a line; this one must not become a part of it.
  await appendFile(join(path, journalName), '\n');
  const journal = await openJournal(path, wall);
  await journal.append(entry);
  await journal.close();
}
