// `npm test` and `npm run test:matrix`: every check, every proof, and a last line that says what it came to.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mariadbPlugins } from './mariadb-plugins.mjs';

const whole = process.argv.includes('--matrix');
const folder = mkdtempSync(join(tmpdir(), 'mha-ts-test-'));
const countsFile = join(folder, 'counts');
const plugins = whole ? await pluginsOfMariadb() : undefined;
const env = {
  ...process.env,
  MHA_TS_COUNTS: countsFile,
  ...(whole ? { MHA_TS_MATRIX: '1' } : {}),
  ...(plugins === undefined ? {} : { MARIADB_PLUGIN_DIR: plugins }),
};

async function pluginsOfMariadb() {
  const given = process.env.MARIADB_PLUGIN_DIR;
  if (given !== undefined || process.env.MHA_TS_NO_SERVERS !== undefined) return given;
  // Hosts see this folder whatever else is kept from them.
  const { cacheFolder } = await import('../dist/sandbox/places.js');
  mkdirSync(cacheFolder(), { recursive: true });
  return mariadbPlugins(cacheFolder());
}

function run(words) {
  const { status } = spawnSync(words[0], words.slice(1), { stdio: 'inherit', env });
  return status === 0;
}

/** A family that cannot be had here skips scores of tests for one reason. */
function byReason(skipped) {
  const groups = new Map();
  for (const { name, reason } of skipped) groups.set(reason, [...(groups.get(reason) ?? []), name]);
  return groups;
}

const checks = run(['node', 'scripts/verify.mjs']);
if (whole) console.log('\n== unit tests on Node 24');
const later = whole ? run(['node', 'scripts/unit-node24.mjs']) : true;
console.log('\n== proofs on real servers');
const proofs = run([
  'npx',
  'vitest',
  'run',
  '--project',
  'integration',
  '--reporter=default',
  '--reporter=./scripts/count-reporter.mjs',
]);

const total = { passed: 0, failed: 0, failures: [], skipped: [] };
const fail = (what) => {
  total.failed++;
  total.failures.push(what);
};
const lines = existsSync(countsFile) ? readFileSync(countsFile, 'utf8').trim().split('\n') : [];
for (const line of lines.filter((text) => text !== '')) {
  const { passed, failed, failures, skipped } = JSON.parse(line);
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failures);
  total.skipped.push(...skipped);
}
// A runner that ended badly without a failed test, or that left no word, is a failure of its own.
if (!(checks && later && proofs) && total.failed === 0) fail('a runner ended badly; its words are above');
if (lines.length < (whole ? 3 : 2) && total.failed === 0) fail('a runner did not say what it came to');
rmSync(folder, { recursive: true, force: true });

console.log('');
for (const failure of total.failures) console.log(`failed: ${failure}`);
for (const [reason, names] of byReason(total.skipped)) {
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  console.log(`skipped: ${names[0]}${more}: ${reason}`);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
