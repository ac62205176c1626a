#!/usr/bin/env node
/**
 * Makes this machine ready for the demo and the tests. It runs before there is a node_modules, so it uses Node alone.
 * It looks first and does only what is missing; it starts no service, opens no port and writes to no user's files.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { installDebian, isProgram, restorePolicy } from './debian.mjs';
import { setUpSuite } from './mysql-suite.mjs';

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

/** Families of servers that need something of their own, beside what `npm ci` and the packages above bring. */
const fetched = { mysql97: setUpMysqlSuite };
export const familyNames = ['mariadb', 'mysql97', 'mysql56'];

/**
 * Brings everything up to date, and of the families those that are asked for. Gives what could not be had: `fatal` stops
 * everything, `servers` says that there can be no real servers here, only the tests that need none, `families` why one of
 * them cannot be had.
 */
export async function setUp({ quiet = false, families = [] } = {}) {
  const say = quiet ? () => {} : (text) => process.stdout.write(`setup │ ${text}\n`);
  const fatal = nodeTooOld() ?? installModules(say);
  if (fatal) return { fatal, families: {} };
  const failure = build({ say });
  if (failure) return { fatal: failure, families: {} };
  const servers = installPackages(say);
  const missing = {};
  for (const name of servers ? [] : families) {
    const reason = await fetched[name]?.(say);
    if (reason) missing[name] = reason;
  }
  return { servers, families: missing };
}

async function setUpMysqlSuite(say) {
  // Built a moment ago: the sandbox itself says where it looks.
  const { mysqlSuite } = await import('../dist/sandbox/places.js');
  return setUpSuite(mysqlSuite(), say);
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
  const folder = join(root, 'node_modules');
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm empties what a link points to: the packages of another checkout.
    return `${folder} is a link, and older than package-lock.json. Run npm ci where it points to, or remove the link.`;
  }
  say('installing npm packages (npm ci)');
  // One development dependency is a server for Linux on x64; npm refuses it elsewhere unless it is forced.
  const forced = process.platform === 'linux' && process.arch === 'x64' ? [] : ['--force'];
  const words = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...forced];
  const run = spawnSync('npm', words, { cwd: root, stdio: 'inherit' });
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
  const failed = installDebian(missing);
  const still = needed.filter(({ programs }) => !programs.every(isProgram)).map(({ name }) => name);
  if (still.length === 0) return undefined;
  return `${byHand}\n${failed ?? `Installed, but the programs of ${still.join(', ')} are not found.`}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { family: { type: 'string', multiple: true, default: [] } } });
  const { fatal, servers, families } = await setUp({ families: values.family });
  const problems = [fatal ?? servers, ...Object.entries(families).map(([name, reason]) => `${name}: ${reason}`)];
  for (const problem of problems.filter(Boolean)) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.some(Boolean) ? 1 : 0;
}
