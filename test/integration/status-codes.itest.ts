import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { commandName } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { type ProductRun, startOldName, statusText, watching } from './support/product.js';
import type { RunResult } from './support/run-in.js';
import { hookName, type SiteHooks, siteHooks } from './support/site-hooks.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';

const roles = { master_ip_failover_script: 'ip', secondary_check_script: 'second' };

/** A cluster whose scripts can be held, so that what lasts a moment lasts until it was seen. */
async function onSite(
  options: ClusterOptions,
  test: (cluster: Cluster, hooks: SiteHooks) => Promise<void>,
): Promise<void> {
  const hooks = siteHooks();
  const conf = Object.fromEntries(Object.entries(roles).map(([key, role]) => [key, hooks.command(role)]));
  try {
    await withCluster({ ...options, conf: { ...conf, ping_interval: 1 } }, (cluster) => test(cluster, hooks));
  } finally {
    hooks.remove();
  }
}

const conf = (cluster: Cluster): string => `--conf=${cluster.confFile}`;

function ask(cluster: Cluster, ...words: readonly string[]): Promise<RunResult> {
  return startOldName(cluster, 'masterha_check_status', [conf(cluster), ...words]).end();
}

/** What an operator's check sees; `code` is the exit code as well as what the sentence says. */
async function shows(cluster: Cluster, code: number, ...words: readonly string[]): Promise<string> {
  let last: RunResult | undefined;
  await until(async () => (last = await ask(cluster, ...words)).code === code, {
    what: `see status ${String(code)}`,
    deadlineMs: 60_000,
    epitaph: () => `${last?.stdout ?? ''}${last?.stderr ?? ''}${statusText(cluster)}`,
  });
  return last?.stdout ?? '';
}

async function stop(cluster: Cluster, ...words: readonly string[]): Promise<readonly [number | null, string]> {
  const { code, stdout } = await startOldName(cluster, 'masterha_stop', [conf(cluster), ...words]).end();
  return [code, stdout];
}

const stopped = [0, 'Stopped app1 successfully.\n'];

function manage(cluster: Cluster, ...words: readonly string[]): ProductRun {
  return startOldName(cluster, 'masterha_manager', [conf(cluster), ...words], 'pipe');
}

const isScriptRunning = (cluster: Cluster): boolean =>
  cluster.processesOf('manager').some((pid) => commandName(pid) === hookName);

describeWithServers('MHA’s status codes, seen from outside', () => {
  it('while a manager starts and watches: 1, 2, 10, 31, 0, 32', async () => {
    await onSite({ servers: 2 }, async (cluster, hooks) => {
      const status = join(cluster.workdir, 'app1.master_status.health');
      expect(await shows(cluster, 2)).toBe('app1 is stopped(2:NOT_RUNNING).\n');
      await writeFile(status, 'what no manager writes');
      expect((await ask(cluster)).code).toBe(1);
      await rm(status);
      expect((await ask(cluster, '--conf=/nowhere/app1.cnf')).code).toBe(1);

      // The script is asked whether it is ready, and takes its time. Whoever stops the manager does not wait for it.
      const starting = hooks.during('ip', 'status', async () => {
        expect(await shows(cluster, 10)).toBe(
          'app1 monitoring program is now on initialization phase(10:INITIALIZING_MONITOR). Wait for a while and try checking again.\n',
        );
        expect(await stop(cluster)).toEqual(stopped);
        expect(isScriptRunning(cluster)).toBe(false);
      });
      const first = manage(cluster);
      await starting;
      expect((await first.end()).code, first.text()).toBe(1);
      await shows(cluster, 2);

      hooks.answer('ip', 'status', 1);
      const second = manage(cluster, '--wait_on_monitor_error=600');
      expect(await shows(cluster, 31)).toMatch(/^app1 servers are not correctly configured\(31:CONFIG_ERROR\)\./);
      expect(await stop(cluster)).toEqual(stopped);
      expect((await second.end()).code).toBe(1);

      hooks.answer('ip', 'status', 0);
      const third = manage(cluster);
      expect(await shows(cluster, 0)).toMatch(/^app1 \(pid:\d+\) is running\(0:PING_OK\), master:db1\n$/);
      third.signal('SIGSTOP');
      expect(await shows(cluster, 32, '--ping_limit=2')).toBe(
        'app1 is running, but master_ping.health is too old(32:TIMESTAMP_OLD). Maybe process hangs? master:db1\n',
      );
      third.signal('SIGCONT');
      await shows(cluster, 0, '--ping_limit=2');
      expect(await stop(cluster)).toEqual(stopped);
      expect((await third.end()).code).toBe(1);
      expect(await shows(cluster, 2)).toBe('app1 is stopped(2:NOT_RUNNING).\n');
    });
  });

  it('when a source dies, and when it comes back: 20, 21, 30, 0, 50, 3, 51', async () => {
    await onSite({ servers: 3 }, async (cluster, hooks) => {
      await waitsToWatchAgain(cluster, hooks);
      await watchesAgain(cluster, hooks);
      await failsOver(cluster, hooks);
      await isStoppedInTheMiddle(cluster, hooks);
    });
  });
});

/** Nothing was touched when the source is back: MHA's manager shows 30 for a while. */
async function waitsToWatchAgain(cluster: Cluster, hooks: SiteHooks): Promise<void> {
  const manager = manage(cluster, '--interactive=1', '--wait_on_monitor_error=600');
  await watching(cluster, manager);
  const deciding = hooks.during('second', '', async () => {
    expect(await shows(cluster, 20)).toBe('app1 master maybe down(20:PING_FAILING). master:db1\n');
  });
  await cluster.killServer('db1');
  await deciding;
  await manager.says('is dead. Proceed? (yes/NO):');
  expect(await shows(cluster, 21)).toBe('app1 master maybe down(21:PING_FAILED). master:db1\n');
  await cluster.startServer('db1');
  manager.type('yes');
  await manager.says('db1:3306 answers again, and nothing was touched yet: the watch starts over in 600 s');
  expect(await shows(cluster, 30)).toBe(
    'app1 monitoring waits for retrying to monitor master again(30:RETRYING_MONITOR). Wait for a while and try checking again.\n',
  );
  expect(await stop(cluster)).toEqual(stopped);
  expect((await manager.end()).code).toBe(1);
  expect(existsSync(join(cluster.workdir, 'app1.failover.error'))).toBe(false);
}

/** And then it watches as before. Killed in the next failover, it leaves a script behind. */
async function watchesAgain(cluster: Cluster, hooks: SiteHooks): Promise<void> {
  const manager = manage(cluster, '--interactive=1');
  await watching(cluster, manager);
  await cluster.killServer('db1');
  await manager.says('is dead. Proceed? (yes/NO):');
  await cluster.startServer('db1');
  manager.type('yes');
  await manager.says('the watch starts over');
  await shows(cluster, 0);
  expect(await cluster.sql('db2', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '1' }]);

  const acting = hooks.during('ip', 'stopssh', async () => {
    expect(await shows(cluster, 50)).toBe(
      'app1 master is down and failover is running(50:FAILOVER_RUNNING). master:db1\n',
    );
    expect(await stop(cluster)).toEqual([1, expect.stringContaining('Currently Failover is running on app1.')]);
    expect(isScriptRunning(cluster)).toBe(true);
    manager.signal('SIGKILL');
    await manager.end();
    expect(await shows(cluster, 3)).toMatch(
      /^Main process is not running, but child process is running on app1 \(3:PARTIALLY_RUNNING\)\./,
    );
    expect(await stop(cluster)).toEqual([0, expect.stringMatching(/What it had started still runs \(pid:\d+/)]);
    expect(isScriptRunning(cluster)).toBe(true);
  });
  await cluster.killServer('db1');
  await shows(cluster, 21);
  manager.type('yes');
  await acting;
  expect(await shows(cluster, 2)).toBe('app1 is stopped(2:NOT_RUNNING).\n');
}

async function failsOver(cluster: Cluster, hooks: SiteHooks): Promise<void> {
  hooks.answer('ip', 'stopssh', 1);
  const manager = manage(cluster, '--wait_on_failover_error=600');
  expect(await shows(cluster, 51)).toMatch(
    /^app1 master is down and failover was not successful\(51:FAILOVER_ERROR\)\./,
  );
  expect(await stop(cluster)).toEqual(stopped);
  expect((await manager.end()).code).toBe(1);
  expect(existsSync(join(cluster.workdir, 'app1.failover.error'))).toBe(true);
  await shows(cluster, 2);
}

/** With --abort a running script ends with its manager: by TERM in order, or with a manager that had to be killed. */
async function isStoppedInTheMiddle(cluster: Cluster, hooks: SiteHooks): Promise<void> {
  const asked = hooks.during('ip', 'stopssh', async () => {
    expect(await stop(cluster, '--abort', '--abort_timeout=60')).toEqual(stopped);
    expect(isScriptRunning(cluster)).toBe(false);
  });
  const manager = manage(cluster, '--ignore_last_failover');
  await asked;
  expect((await manager.end()).code, manager.text()).toBe(1);

  const killed = hooks.during('ip', 'stopssh', async () => {
    hanging.signal('SIGSTOP');
    expect(await stop(cluster, '--abort', '--abort_timeout=1')).toEqual([0, expect.stringMatching(/^Killed app1 /)]);
    await until(() => !isScriptRunning(cluster), { what: 'see the script end', deadlineMs: 10_000 });
  });
  const hanging = manage(cluster, '--ignore_last_failover');
  await killed;
  hanging.signal('SIGCONT');
  await hanging.end();
  expect(await shows(cluster, 2)).toBe('app1 is stopped(2:NOT_RUNNING).\n');
}
