import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import { openSocket, type SqlDoor } from '../../../src/sandbox/database.js';
import { checkout } from '../../../src/sandbox/places.js';
import { until } from '../../../src/sandbox/wait.js';
import { unlogged } from './unlogged.js';
import { journalOf } from './journal.js';
import { resultOf, type RunResult } from './run-in.js';

export interface SwitchRun extends RunResult {
  readonly json: Record<string, unknown>;
  /** The code of what made the run give up. */
  readonly refusal: string | undefined;
  /** The step that failed first. */
  readonly failedStep: string | undefined;
}

export interface RunningSwitch {
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<SwitchRun>;
}

/** `mha-ts switch` on the manager's host, as a person types it. */
export function startSwitch(cluster: Cluster, ...words: readonly string[]): RunningSwitch {
  const before = new Set(runFolders(cluster));
  const argv = ['node', join(checkout, 'bin', 'run.js'), 'switch', '--conf', cluster.confFile, '--json', ...words];
  const child = cluster.spawnIn('manager', argv, { stdio: ['ignore', 'pipe', 'pipe'], cwd: cluster.workdir });
  const ended = resultOf(child, 90_000).then((result): SwitchRun => {
    const json = parse(result.stdout);
    const folder = runFolders(cluster).find((name) => !before.has(name));
    return {
      ...result,
      json,
      refusal: codeOf(json['refusal'] ?? json['error']),
      failedStep: failedStep(cluster, folder),
    };
  });
  return { pid: child.pid, kill: (signal) => void child.kill(signal), ended };
}

export function runSwitch(cluster: Cluster, ...words: readonly string[]): Promise<SwitchRun> {
  return startSwitch(cluster, ...words).ended;
}

function parse(text: string): Record<string, unknown> {
  const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
  if (!isRecord(value)) throw new Error(`not one JSON object: ${text.slice(0, 200)}`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeOf(refusal: unknown): string | undefined {
  return isRecord(refusal) && typeof refusal['code'] === 'string' ? refusal['code'] : undefined;
}

function runFolders(cluster: Cluster): readonly string[] {
  return readdirSync(cluster.workdir).filter((name) => name.endsWith('-switch'));
}

function failedStep(cluster: Cluster, folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  return journalOf(join(cluster.workdir, folder)).find(({ what }) => what === 'failed')?.step;
}

export type Gate = 'stop' | 'start';

/** The site's own script at MHA's two places of a switch: it says that it was called, and waits to be told how to end. */
export interface Gates {
  /** Resolves when the script waits there. */
  reached(gate: Gate): Promise<void>;
  /** Lets it end, now or when it comes there. */
  open(gate: Gate, exitCode?: number): Promise<void>;
  /** Closes both again, for the next run. */
  reset(): Promise<void>;
  /** The arguments of every call so far, passwords left out. */
  calls(): Promise<readonly string[]>;
}

/** The name that its processes show. */
export const gateName = 'online-change';

export async function placeGates(cluster: Cluster): Promise<Gates> {
  const folder = join(cluster.folder, 'gates');
  await mkdir(folder);
  const script = join(folder, gateName);
  await writeFile(script, gateScript(folder));
  await chmod(script, 0o755);
  const text = await readFile(cluster.confFile, 'utf8');
  const line = `[server default]\nmaster_ip_online_change_script=${script}`;
  await writeFile(cluster.confFile, text.replace('[server default]', line), { mode: 0o600 });
  return {
    reached: async (gate) => {
      const what = `see the switch reach its ${gate} script`;
      await until(() => existsSync(join(folder, `${gate}.reached`)), { what, deadlineMs: 30_000, everyMs: 5 });
    },
    open: (gate, exitCode = 0) => writeFile(join(folder, `${gate}.exit`), `${String(exitCode)}\n`),
    reset: async () => {
      const marks = ['stop', 'start'].flatMap((gate) => [`${gate}.reached`, `${gate}.exit`]);
      await Promise.all(marks.map((mark) => rm(join(folder, mark), { force: true })));
    },
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n'),
  };
}

/** The call by which a roll back gives the address back names the old source as the new one; it goes through. */
function gateScript(folder: string): string {
  return `#!/bin/sh
line=
for word in "$@"; do case "$word" in *password*) ;; *) line="$line $word" ;; esac; done
echo "$line" >>${folder}/calls
case "$line" in *--new_master_host=db1*) exit 0 ;; *--command=stop*) gate=stop ;; *) gate=start ;; esac
: >${folder}/$gate.reached
until [ -s ${folder}/$gate.exit ]; do sleep 0.01; done
exit "$(cat ${folder}/$gate.exit)"
`;
}

/** A session of its own on a server: for locks and open transactions. */
export function sessionOn(cluster: Cluster, name: string): Promise<SqlDoor> {
  return openSocket(join(cluster.host(name).lab.folder, 'mysql.sock'));
}

/**
 * Takes privileges from the product's account and ends its connections, since an open one keeps what it has. Nothing of it
 * reaches a binary log.
 */
export async function revoke(cluster: Cluster, name: string, privileges: string): Promise<void> {
  const { user } = cluster.accounts.admin;
  await unlogged(cluster, name, `REVOKE ${privileges} ON *.* FROM '${user}'@'%'`);
  await endConnections(cluster, name);
}

export async function endConnections(cluster: Cluster, name: string): Promise<void> {
  const { user } = cluster.accounts.admin;
  const gone = async (): Promise<boolean> => {
    const open = await cluster.sql(name, `SELECT ID FROM information_schema.PROCESSLIST WHERE USER='${user}'`);
    // One that ends by itself in between is no longer known by that number, and is looked for again.
    for (const row of open) await cluster.sql(name, `KILL ${String(row['ID'])}`);
    return open.length === 0;
  };
  await until(gone, { what: `end the connections of ${user} on ${name}`, deadlineMs: 5_000 });
}

export async function grantAll(cluster: Cluster, name: string): Promise<void> {
  await unlogged(
    cluster,
    name,
    `GRANT ALL PRIVILEGES ON *.* TO '${cluster.accounts.admin.user}'@'%' WITH GRANT OPTION`,
  );
}
