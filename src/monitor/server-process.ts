import { basename } from 'node:path/posix';
import type { HostProcess } from './host-report.js';

const serverName = /^(mysqld|mariadbd)([-.].*)?$/;
const safeName = /^(mysqld_safe|mariadbd-safe)/;

const hasProgram = (process: HostProcess, name: RegExp, among: number): boolean =>
  process.words.slice(0, among).some((word) => name.test(basename(word)));

/**
 * A database server, whatever it is started through: by its name, or run by a dynamic loader (`ld.so .../mysqld`).
 * Tools that carry the name in front of theirs (`mysqld_exporter`, `mysqld_safe`) are none.
 */
export function isServer(process: HostProcess): boolean {
  if (safeName.test(process.name)) return false;
  if (serverName.test(process.name)) return true;
  return /^ld[-.]/.test(process.name) && hasProgram(process, serverName, 20);
}

/** The servers' own restarting script: run by its first line (its name) or by a shell (its first argument). */
export function isSafe(process: HostProcess): boolean {
  return safeName.test(process.name) || (/^(ba|da|k|z)?sh$/.test(process.name) && hasProgram(process, safeName, 2));
}

/** A zombie holds nothing any more; it only waits for its parent to read its exit code. */
export function isGone(process: HostProcess): boolean {
  return process.state === 'Z' || process.state === 'X';
}

/** Stopped by a signal or a debugger: alive, not answering, and back as soon as somebody wakes it. */
export function isStopped(process: HostProcess): boolean {
  return process.state === 'T' || process.state === 't';
}

/**
 * Processes that must never be frozen or killed, whatever they have started: init, logins, the SSH server. Whole names where they
 * are the beginning of others: supervisord and supervise (daemontools) begin with `su`, and do start servers again.
 */
export function isUntouchable(process: { readonly pid: number; readonly name: string }): boolean {
  return process.pid <= 1 || untouchable.test(process.name);
}

const untouchable = /^(?:(?:init|login|su|sudo|tini|dumb-init|docker-init)$|systemd|sshd|containerd-shim)/;

/**
 * The keeper of one container. It ends with it, and the engine behind it, which starts the container again after a while by a
 * new one, is nobody's ancestor. (Docker's own before 18.09 is cut to fifteen characters, as all names are.)
 */
export function keepsContainer({ name }: { readonly name: string }): boolean {
  return /^(containerd-shim|docker-containe|conmon)/.test(name);
}

/** The value of `--name=value` on the command line; the server takes `_` and `-` alike, the last one counts. */
export function optionOf(process: HostProcess, name: string): string | undefined {
  const pattern = new RegExp(`^--${name.replaceAll(/[-_]/g, '[-_]')}=(.*)$`);
  return process.words.map((word) => pattern.exec(word)?.[1]).findLast((value) => value !== undefined);
}
