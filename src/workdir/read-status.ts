import { Fault } from '../model/fault.js';
import { identifyManager, leftoversOf, type ManagerProcess } from './manager-process.js';
import { type AnyStatusCode, statusNames } from './status-codes.js';
import { parseStatus, readStatusFile, type StatusLine, statusFile } from './status-file.js';

export interface StatusQuestion {
  readonly workdir: string;
  readonly app: string;
  /** Milliseconds after which a good status that was not refreshed is old (MHA: 10 s). */
  readonly pingLimitMs: number;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
}

export interface ManagerStatus {
  readonly app: string;
  readonly code: AnyStatusCode;
  readonly name: string;
  readonly pid?: number;
  readonly sourceHost?: string;
  /** Milliseconds since the status was last refreshed. */
  readonly ageMs?: number;
}

interface Sighting {
  readonly process: ManagerProcess;
  readonly leftovers: boolean;
  readonly ageMs: number;
  readonly pingLimitMs: number;
}

/** The code that follows from what the file says and what the process table shows. Pure. */
export function judgeStatus(line: StatusLine, sighting: Sighting): AnyStatusCode {
  if (sighting.process === 'gone') return sighting.leftovers ? 3 : 2;
  if (sighting.process === 'another-program') return 2;
  // Only "pings succeed" is a claim that grows stale: the other states last as long as they last.
  if (line.code === 0 && sighting.ageMs > sighting.pingLimitMs) return 32;
  return line.code;
}

/** What `mha-ts status` answers. Throws STATUS_UNREADABLE for a file whose text no manager writes. */
export async function readStatus(question: StatusQuestion): Promise<ManagerStatus> {
  const { app, pingLimitMs, wall } = question;
  const path = statusFile(question.workdir, app);
  const file = await readStatusFile(path);
  if (file === undefined) return { app, code: 2, name: statusNames[2] };
  const line = parseStatus(file.text);
  if (line === undefined) throw new Fault('STATUS_UNREADABLE', { path, text: file.text.slice(0, 200) });
  const process = await identifyManager(line.pid);
  const leftovers = process === 'gone' && (await leftoversOf(line.pid)).length > 0;
  const ageMs = Math.max(0, wall() - file.changedAt);
  const code = judgeStatus(line, { process, leftovers, ageMs, pingLimitMs });
  return { app, code, name: statusNames[code], ageMs, ...withoutCode(line) };
}

function withoutCode({ pid, sourceHost }: StatusLine): { pid: number; sourceHost?: string } {
  return sourceHost === undefined ? { pid } : { pid, sourceHost };
}

/** MHA's sentences, which its users' scripts read; `log` is where somebody should look when all is not well. */
export function formatManagerStatus(status: ManagerStatus, log?: string): string {
  const { app, code, name } = status;
  const state = `(${String(code)}:${name})`;
  const source = status.sourceHost === undefined ? '' : `master:${status.sourceHost}`;
  const told = source === '' ? '' : ` ${source}`;
  const details = log === undefined ? '' : `\nCheck ${log} for details.`;
  switch (code) {
    case 0:
      return `${app} (pid:${String(status.pid)}) is running${state}, ${source}`;
    case 2:
      return `${app} is stopped${state}.`;
    case 3:
      return `Main process is not running, but child process is running on ${app} ${state}. Check ps output for details and kill it.`;
    case 10:
      return `${app} monitoring program is now on initialization phase${state}. Wait for a while and try checking again.`;
    case 20:
    case 21:
      return `${app} master maybe down${state}.${told}${details}`;
    case 30:
      return `${app} monitoring waits for retrying to monitor master again${state}. Wait for a while and try checking again.`;
    case 31:
      return `${app} servers are not correctly configured${state}.${details}`;
    case 32:
      return `${app} is running, but master_ping.health is too old${state}. Maybe process hangs? ${source}`.trimEnd();
    case 50:
      return `${app} master is down and failover is running${state}.${told}${details}`;
    case 51:
      return `${app} master is down and failover was not successful${state}.${told}${details}`;
  }
}
