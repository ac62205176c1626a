// Everything that needs no server: types, lint, format, room rules, dead code, unit and property tests.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const unitTests = 'unit tests';
const checks = [
  ['build', ['node', 'scripts/build.mjs']],
  ['types', ['npx', 'tsc', '-p', 'tsconfig.test.json', '--noEmit']],
  ['format', ['npx', 'prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', ['npx', 'eslint', '.']],
  ['rooms', ['npx', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']],
  ['dead code', ['npx', 'knip']],
  ['documentation', ['node', 'scripts/docs.mjs', '--check']],
  [
    unitTests,
    ['npx', 'vitest', 'run', '--project', 'unit', '--reporter=default', '--reporter=./scripts/count-reporter.mjs'],
  ],
];

const failed = [];
for (const [name, [command, ...args]] of checks) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) {
  // The unit tests count themselves, each one that failed.
  const failures = failed.filter((name) => name !== unitTests).map((name) => `verify: ${name}`);
  const line = { passed: 0, failed: failures.length, skipped: [], failures };
  if (process.env.MHA_TS_COUNTS) appendFileSync(process.env.MHA_TS_COUNTS, `${JSON.stringify(line)}\n`);
  console.error(`\nverify failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
