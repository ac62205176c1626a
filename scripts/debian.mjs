/** Debian's packages on this machine: looked for, installed, and no service started by it. Uses Node alone. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Gives why it failed, or undefined. */
export function installDebian(packages) {
  return withoutServices(
    () => apt(['update', '-q']) ?? apt(['install', '-q', '-y', '--no-install-recommends', ...packages]),
  );
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
export function restorePolicy() {
  if (existsSync(policy) && readFileSync(policy, 'utf8') === ourPolicy) rmSync(policy);
  if (existsSync(keptPolicy) && !existsSync(policy)) renameSync(keptPolicy, policy);
}

export function isProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)));
}
