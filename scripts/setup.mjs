#!/usr/bin/env node
/**
 * Makes this machine ready for the demo and the tests. It runs before there is a node_modules, so it uses Node alone.
 * It looks first and does only what is missing; it starts no service, opens no port and writes to no user's files.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');

/** Debian package, and the programs that show it is there. */
const needed = [
  { name: 'mariadb-server-core', programs: ['mariadbd', 'mariadb-install-db'] },
  { name: 'mariadb-client', programs: ['mariadb-binlog'] },
  { name: 'openssh-server', programs: ['sshd'] },
  { name: 'openssh-client', programs: ['ssh', 'ssh-keygen'] },
  { name: 'iproute2', programs: ['ip', 'tc'] },
  { name: 'nftables', programs: ['nft'] },
  { name: 'procps', programs: ['ps'] },
  { name: 'util-linux', programs: ['unshare', 'nsenter', 'setpriv'] },
];

/**
 * Brings everything up to date. Gives what could not be had: `fatal` stops everything, `servers` says that there can be
 * no real servers here, only the tests that need none.
 */
export function setUp({ quiet = false } = {}) {
  const say = quiet ? () => {} : (text) => process.stdout.write(`setup │ ${text}\n`);
  const fatal = nodeTooOld() ?? installModules(say);
  if (fatal) return { fatal };
  const failure = build({ say });
  if (failure) return { fatal: failure };
  return { servers: installPackages(say) };
}

function nodeTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Node ${process.versions.node} is too old: 20.19 or newer is needed (https://nodejs.org/en/download).`;
}

function installModules(say) {
  const marker = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return undefined;
  say('installing npm packages (npm ci)');
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  return run.status === 0
    ? undefined
    : `npm ci failed (${run.error?.message ?? `exit ${run.status}`}); its words are above.`;
}

function installPackages(say) {
  if (process.platform === 'linux' && process.getuid() === 0) restorePolicy();
  const missing = needed.filter(({ programs }) => !programs.every(isProgram)).map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  const byHand = `Missing for real servers: ${missing.join(', ')}. As root: apt-get update && ${command}`;
  if (process.platform !== 'linux') return `Real servers need Linux; this is ${process.platform}.`;
  if (process.getuid() !== 0) return byHand;
  if (!isProgram('apt-get')) return `${byHand} (or what gives the same programs here)`;
  say(`installing Debian packages: ${missing.join(' ')}`);
  const failed = withoutServices(
    () => apt(['update', '-q']) ?? apt(['install', '-q', '-y', '--no-install-recommends', ...missing]),
  );
  const still = needed.filter(({ programs }) => !programs.every(isProgram)).map(({ name }) => name);
  if (still.length === 0) return undefined;
  return `${byHand}\n${failed ?? `Installed, but the programs of ${still.join(', ')} are not found.`}`;
}

function apt(args) {
  const run = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return run.status === 0 ? undefined : `apt-get ${args[0]}: ${run.error?.message ?? run.stderr.trim().slice(-1500)}`;
}

const policy = '/usr/sbin/policy-rc.d';
const keptPolicy = `${policy}.before-mha-ts`;
const ourPolicy = '#!/bin/sh\n# mha-ts set-up: no service starts while packages are installed\nexit 101\n';

/**
 * Debian starts a package's service at once unless /usr/sbin/policy-rc.d forbids it (invoke-rc.d(8)). An existing one
 * comes back afterwards, also when we are interrupted.
 */
function withoutServices(work) {
  const interrupted = () => {
    restorePolicy();
    process.exit(130);
  };
  if (existsSync(policy)) renameSync(policy, keptPolicy);
  writeFileSync(policy, ourPolicy);
  chmodSync(policy, 0o755);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return work();
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    restorePolicy();
  }
}

/** Also what a killed run left behind: without this no service on the machine would start any more. */
function restorePolicy() {
  if (existsSync(policy) && readFileSync(policy, 'utf8') === ourPolicy) rmSync(policy);
  if (existsSync(keptPolicy) && !existsSync(policy)) renameSync(keptPolicy, policy);
}

function isProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { fatal, servers } = setUp();
  if (fatal ?? servers) process.stderr.write(`${fatal ?? servers}\n`);
  process.exitCode = fatal || servers ? 1 : 0;
}
