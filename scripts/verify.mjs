// Everything that needs no server: types, lint, format, room rules, dead code, unit and property tests.
import { spawnSync } from 'node:child_process';

const checks = [
  ['build', ['node', 'scripts/build.mjs']],
  ['types', ['npx', 'tsc', '-p', 'tsconfig.test.json', '--noEmit']],
  ['format', ['npx', 'prettier', '--check', '--log-level', 'warn', '.']],
  ['lint', ['npx', 'eslint', '.']],
  ['rooms', ['npx', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err']],
  ['dead code', ['npx', 'knip']],
  ['documentation', ['node', 'scripts/docs.mjs', '--check']],
  [
    'unit tests',
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
  console.error(`\nverify failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
