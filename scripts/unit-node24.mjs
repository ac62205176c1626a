/**
 * The unit tests on Node 24, from the npm package `node`, which brings the binary. It is kept in a folder of its own: as
 * a dependency, its `bin` would stand before the user's own Node. Where the package cannot be had the run is skipped,
 * and the reason is told.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');
const major = '24';
const folder = join(root, '.cache', `node${major}`);
const binary = join(folder, 'node_modules', 'node', 'bin', 'node');
const installMs = 180_000;

function version() {
  const { stdout, status } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const text = (stdout ?? '').trim();
  return status === 0 && text.startsWith(`v${major}.`) ? text : undefined;
}

/** Gives why it could not be installed, or undefined. */
function install() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--no-save', '--fetch-retries=1'];
  const words = ['install', ...quiet, `node@${major}`];
  const run = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', timeout: installMs });
  if (version() !== undefined) return undefined;
  const said = [run.error?.message, run.stderr?.trim().split('\n').slice(0, 4).join(' ')].find((text) => text);
  return `npm install node@${major} gave no Node ${major} for ${process.platform}-${process.arch}: ${said ?? `exit ${run.status}`}`;
}

function skip(reason) {
  console.log(`skipped: unit tests on Node ${major}: ${reason}`);
  const line = { passed: 0, failed: 0, failures: [], skipped: [{ name: `unit tests on Node ${major}`, reason }] };
  if (process.env.MHA_TS_COUNTS) appendFileSync(process.env.MHA_TS_COUNTS, `${JSON.stringify(line)}\n`);
}

function test() {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'count-reporter.mjs')}`];
  const env = { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ''}` };
  const run = spawnSync(binary, [vitest, 'run', '--project', 'unit', ...reporters], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  return run.status ?? 1;
}

const missing = version() === undefined ? install() : undefined;
if (missing !== undefined) skip(missing);
else {
  console.log(`Node ${version()}`);
  process.exitCode = test();
}
