#!/usr/bin/env node
/**
 * `npm run demo`, `npm test`, `npm run test:matrix`, `npm run bench`: set-up first, then the program itself, in the same
 * terminal and with its exit code.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyNames, setUp } from './setup.mjs';

const root = resolve(fileURLToPath(import.meta.url), '..', '..');

const programs = {
  demo: { file: 'dist/sandbox/demo.js', args: [], needsServers: true, families: namedFamily },
  test: { file: 'scripts/test.mjs', args: [], needsServers: false, families: () => familyNames },
  matrix: { file: 'scripts/test.mjs', args: ['--matrix'], needsServers: false, families: () => familyNames },
  bench: { file: 'dist/sandbox/bench.js', args: [], needsServers: true, families: () => familyNames },
};

/** The one that a person asks for; a wrong name is told by the program itself. */
function namedFamily(args) {
  const words = args.flatMap((word) => word.split('='));
  const name = words[words.indexOf('--family') + 1];
  return words.includes('--family') && familyNames.includes(name) ? [name] : [];
}

async function main([name, ...args]) {
  const program = Object.hasOwn(programs, name ?? '') ? programs[name] : undefined;
  if (!program) return fail(`Usage: node scripts/with-setup.mjs ${Object.keys(programs).join('|')} [arguments]`, 2);
  const { fatal, servers, families } = await setUp({ families: program.families(args) });
  if (fatal) return fail(fatal, 1);
  if (servers && program.needsServers) return fail(servers, 1);
  if (servers) process.stderr.write(`${servers}\nWithout them only the tests that need no servers run.\n`);
  const reasons = Object.fromEntries(
    Object.entries(families).map(([family, reason]) => [`MHA_TS_NO_${family.toUpperCase()}`, reason]),
  );
  const child = spawn(process.execPath, [join(root, program.file), ...program.args, ...args], {
    cwd: root,
    stdio: 'inherit',
    // Tests with real servers are skipped, with these reasons.
    env: { ...process.env, ...(servers ? { MHA_TS_NO_SERVERS: servers } : {}), ...reasons },
  });
  // A terminal sends Ctrl-C to both of us; the program cleans up and ends, and then we do.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message, 1));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

function fail(text, code) {
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

await main(process.argv.slice(2));
