import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { openSocket, type SqlDoor, type TextRow } from './database.js';
import type { Family, ReplicationMode } from './family/family.js';
import type { LabHost } from './lab.js';
import { makeFolder } from './places.js';
import { copyData } from './prepared-data.js';
import { commandName, hasEnded, signalPid, stateOf } from './proc.js';
import { until } from './wait.js';

export interface ServerOptions {
  readonly serverId: number;
  readonly port: number;
  readonly mode: ReplicationMode;
  readonly logReplicaUpdates: boolean;
  /** Lines for the option file, after the others: the last one of a name counts. */
  readonly extra: readonly string[];
}

/** One server with everything of it in `folder`: option file, data with binary logs, socket, error log. */
export class DatabaseServer {
  readonly dataFolder: string;
  readonly errorLog: string;
  readonly optionFile: string;
  readonly family: Family;
  /** While this file is there a supervisor starts nothing: what it must not come before may take long on a busy machine. */
  readonly restartHold: string;
  readonly #host: LabHost;
  readonly socket: string;
  #door: SqlDoor | undefined;
  #runner: ChildProcess | undefined;
  #supervised = false;

  constructor(host: LabHost, family: Family) {
    this.#host = host;
    this.family = family;
    this.dataFolder = join(host.folder, 'data');
    this.errorLog = join(host.folder, 'error.log');
    this.optionFile = join(host.folder, 'my.cnf');
    this.restartHold = join(host.folder, 'hold-restart');
    this.socket = join(host.folder, 'mysql.sock');
  }

  async prepare(data: string, options: ServerOptions): Promise<void> {
    await makeFolder(join(this.#host.folder, 'tmp'));
    await Promise.all([
      copyData(data, this.dataFolder),
      writeFile(this.optionFile, this.#optionText(options), { mode: 0o600 }),
    ]);
  }

  /** Starts the server alone: when it dies it stays dead. */
  start(): void {
    this.#supervised = false;
    this.#runner = this.#spawn(this.#startWords());
  }

  /** Starts it below a supervisor that starts it again whenever it ends, as mysqld_safe and systemd do. */
  startSupervised(restartDelayMs: number): void {
    const script = join(this.#host.folder, 'mysqld_safe');
    const command = [...this.#host.tie, ...this.#startWords()].join(' ');
    const pause = `sleep ${String(restartDelayMs / 1000)}; while [ -e ${this.restartHold} ]; do sleep 0.02; done`;
    writeFileSync(script, `#!/bin/sh\nwhile :; do ${command}; ${pause}; done\n`, { mode: 0o755 });
    this.#supervised = true;
    this.#runner = this.#spawn([script]);
  }

  async ready(deadlineMs = 60_000): Promise<void> {
    await until(() => this.sql('DO 0').then(() => true), {
      what: `start the server of ${this.#host.name}`,
      deadlineMs,
      epitaph: () => this.errorTail(),
    });
  }

  /** The server's own process; undefined while none runs. A supervisor is not it. */
  pid(): number | undefined {
    return this.#host.processes().find((pid) => commandName(pid) === this.family.processName && stateOf(pid) !== 'Z');
  }

  /** Sends a signal to the server itself, and waits for its end where the signal ends it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = this.pid();
    if (pid === undefined) return;
    signalPid(pid, signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    this.#forgetDoor();
    await until(() => hasEnded(pid), { what: `end the server of ${this.#host.name}`, deadlineMs: 60_000, everyMs: 5 });
  }

  /** Ends a supervisor so that it starts nothing again. The server itself goes on, except on loopback, where it is tied to it. */
  async endSupervisor(): Promise<void> {
    const runner = this.#runner;
    if (!this.#supervised || runner?.exitCode !== null || runner.signalCode !== null) return;
    const gone = once(runner, 'exit');
    runner.kill('SIGKILL');
    await gone;
  }

  /** Over the Unix socket, as the all-powerful user; one connection is kept. */
  async sql(text: string): Promise<readonly TextRow[]> {
    this.#door ??= await openSocket(this.socket);
    try {
      return await this.#door.query(text);
    } catch (error) {
      // A statement's own error leaves the connection usable; a lost one must not be used again.
      if (!(error instanceof Error && 'sqlState' in error && error.sqlState !== undefined)) this.#forgetDoor();
      throw error;
    }
  }

  /** A connection of its own, for locks and for statements that block. */
  openDoor(): Promise<SqlDoor> {
    return openSocket(this.socket);
  }

  errorTail(): string {
    try {
      return readFileSync(this.errorLog, 'utf8').slice(-3000);
    } catch {
      return '(no error log)';
    }
  }

  close(): void {
    this.#forgetDoor();
  }

  #forgetDoor(): void {
    this.#door?.close();
    this.#door = undefined;
  }

  #startWords(): readonly string[] {
    return [...this.family.programs().server, `--defaults-file=${this.optionFile}`];
  }

  #spawn(argv: readonly string[]): ChildProcess {
    return this.#host.spawn(argv, { stdio: 'ignore' });
  }

  #optionText(options: ServerOptions): string {
    return [
      '[mysqld]',
      `user=${userInfo().username}`,
      `datadir=${this.dataFolder}`,
      `tmpdir=${join(this.#host.folder, 'tmp')}`,
      `socket=${this.socket}`,
      `pid-file=${join(this.#host.folder, 'mysqld.pid')}`,
      `log-error=${this.errorLog}`,
      `bind-address=${this.#host.address}`,
      `port=${String(options.port)}`,
      `server_id=${String(options.serverId)}`,
      `report_host=${this.#host.name}`,
      'skip_name_resolve',
      'log_bin=mysql-bin',
      'relay_log=relay-bin',
      'binlog_format=ROW',
      'sync_binlog=1',
      'innodb_flush_log_at_trx_commit=1',
      ...this.family.programs().ownFiles,
      ...this.family.fileShape,
      'innodb_buffer_pool_size=64M',
      'max_allowed_packet=1G',
      'character_set_server=utf8mb4',
      ...this.family.optionLines(options.mode, options.logReplicaUpdates),
      ...options.extra,
      '',
    ].join('\n');
  }
}
