import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../../../src/model/settings.js';
import { knock } from '../../../src/monitor/knock.js';
import type { PortSight } from '../../../src/ports/knock.js';
import { knownAccounts } from '../../../src/sandbox/accounts.js';
import { familyOf } from '../../../src/sandbox/family/choose.js';
import type { FamilyName } from '../../../src/sandbox/family/family.js';
import { copyData, preparedData } from '../../../src/sandbox/prepared-data.js';
import { until } from '../../../src/sandbox/wait.js';
import { freePort } from '../../support/free-port.js';

export interface ServerFolder {
  readonly dataDir: string;
  readonly port: number;
  readonly argv: readonly string[];
  readonly account: Account;
  remove(): void;
}

/** An empty data directory of a family's server, and the words that start a server on it. */
export async function makeServerFolder(name: FamilyName): Promise<ServerFolder> {
  const root = mkdtempSync(join(tmpdir(), 'monitor-server-'));
  const dataDir = join(root, 'data');
  const family = familyOf(name);
  const accounts = await knownAccounts();
  await copyData(await preparedData(family, accounts), dataDir);
  const { server, ownFiles } = family.programs();
  const port = await freePort();
  const options = [
    `user=${userInfo().username}`,
    `datadir=${dataDir}`,
    `port=${String(port)}`,
    'bind-address=127.0.0.1',
    `socket=${join(root, 'sock')}`,
    `pid-file=${join(root, 'pid')}`,
    `log-error=${join(root, 'error.log')}`,
    'innodb-buffer-pool-size=16M',
    'server-id=1',
    `log-bin=${join(dataDir, 'mysql-bin')}`,
    ...ownFiles,
    ...family.fileShape,
    ...family.optionLines('coordinates', false),
  ];
  return {
    dataDir,
    port,
    argv: [...server, '--no-defaults', ...options.map((option) => `--${option}`)],
    account: accounts.admin,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function start(words: readonly string[], options: { readonly detached?: boolean } = {}): ChildProcess {
  const [program = '', ...args] = words;
  return spawn(program, args, { stdio: 'ignore', ...options });
}

/** Reads the port until it shows what is wanted. */
export async function untilPort(port: number, wanted: PortSight, deadlineMs = 20_000): Promise<void> {
  let seen: PortSight | undefined;
  const shows = async (): Promise<boolean> => (seen = await knock('127.0.0.1', port, 1000)) === wanted;
  const what = `see port ${String(port)} become ${wanted}`;
  await until(shows, { what, deadlineMs, epitaph: () => `it is ${String(seen)}` });
}
