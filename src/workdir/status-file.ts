import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatusCode } from '../ports/workdir.js';
import { writeWhole } from './durable-write.js';
import { type AnyStatusCode, isStatusCode, statusNames } from './status-codes.js';

/** What one line of the status file says. */
export interface StatusLine {
  readonly pid: number;
  readonly code: AnyStatusCode;
  readonly sourceHost?: string;
}

export function statusFile(workdir: string, app: string): string {
  return join(workdir, `${app}.master_status.health`);
}

export function formatStatus(line: StatusLine): string {
  const source = line.sourceHost === undefined ? '' : `\tmaster:${line.sourceHost}`;
  return `${String(line.pid)}\t${String(line.code)}:${statusNames[line.code]}${source}\n`;
}

/** Undefined for a text that no manager writes; the caller must not guess what it means. */
export function parseStatus(text: string): StatusLine | undefined {
  const match = /^(\d+)\t(\d+):([A-Z_]+)(?:\tmaster:(\S+))?\n?$/.exec(text);
  if (match === null) return undefined;
  const [, pid, number, name, sourceHost] = match;
  const code = Number(number);
  if (!isStatusCode(code) || statusNames[code] !== name) return undefined;
  return { pid: Number(pid), code, ...(sourceHost === undefined ? {} : { sourceHost }) };
}

/** As with MHA a watchdog of another account may read it: it holds no secret. */
const readable = 0o644;

/** The file's time of change is the manager's heartbeat. Not synced: after a crash of the machine it means nothing. */
export async function writeStatus(path: string, code: StatusCode, sourceHost?: string): Promise<void> {
  const line = { pid: process.pid, code, ...(sourceHost === undefined ? {} : { sourceHost }) };
  await writeWhole(path, formatStatus(line), { sync: false, mode: readable });
}

export async function removeStatus(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The file's text and time of change (ms since the epoch); undefined when there is none. */
export async function readStatusFile(path: string): Promise<{ text: string; changedAt: number } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { text, changedAt: mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
