import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { familyNames } from '../../src/sandbox/family/family.js';
import { until } from '../../src/sandbox/wait.js';
import { watchForCanary } from './support/canary.js';
import { isMatrix, needFamily } from './support/families.js';
import { startOldName, startProduct, statusText, watching } from './support/product.js';
import type { RunResult } from './support/run-in.js';
import { sessionOn } from './support/switch.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';

async function run(cluster: Cluster, line: string): Promise<RunResult> {
  const [name = '', ...words] = line.split(' ');
  return startOldName(cluster, name, words).end();
}

/** The server that a replica follows, and whether it takes writes. */
async function seen(cluster: Cluster, name: string): Promise<{ follows: string | undefined; isOpen: boolean }> {
  const [status] = await cluster.sql(name, 'SHOW SLAVE STATUS');
  const [settings] = await cluster.sql(name, 'SELECT @@global.read_only AS closed');
  const host = cluster.hosts.find((one) => [one.name, one.address].includes(String(status?.['Master_Host'])));
  return { follows: host?.name, isOpen: settings?.['closed'] === '0' };
}

/** Sees one of MHA's status codes from outside, as an exit code. */
async function showsStatus(cluster: Cluster, code: number): Promise<string> {
  await until(() => statusText(cluster).includes(`\t${String(code)}:`), {
    what: `see status ${String(code)}`,
    deadlineMs: 60_000,
    epitaph: () => statusText(cluster),
  });
  const status = await run(cluster, `masterha_check_status --conf=${cluster.confFile}`);
  expect(status.code, status.stdout + status.stderr).toBe(code);
  return status.stdout.trim();
}

describeWithServers('MHA’s commands on a living cluster', () => {
  it('check, look, purge, ask and switch', async () => {
    await withCluster({ servers: 3, conf: { switch_drain_seconds: 5 } }, async (cluster) => {
      const conf = `--conf=${cluster.confFile}`;
      const checked = await run(cluster, `masterha_check_repl ${conf} --Seconds_behind=60 --colour`);
      expect(checked.code, checked.stdout + checked.stderr).toBe(0);
      expect(checked.stdout).toMatch(/\nMySQL Replication Health is OK\.\n$/);
      expect(checked.stderr).toContain('warning: --colour is not known');
      expect((await run(cluster, `masterha_check_ssh ${conf}`)).code).toBe(0);

      await looksFromElsewhere(cluster);
      await purges(cluster);

      // A statement that may write holds it up; 0 asks for none that has run for a second.
      const session = await sessionOn(cluster, 'db1');
      const sleeping = session.query('DO SLEEP(60)').catch(() => undefined);
      await until(async () => (await longOn(cluster, 'db1')).length > 0, {
        what: 'see it run for a second',
        deadlineMs: 10_000,
      });
      const alive = `masterha_master_switch --master_state=alive ${conf}`;
      const refused = await run(cluster, `${alive} --new_master_host=db2 --interactive=0 --running_updates_limit=0`);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/STATEMENTS_RUNNING: On db1:3306 .* s: DO \.\.\.\)/);
      await cluster.sql('db1', `KILL CONNECTION ${String((await longOn(cluster, 'db1'))[0])}`);
      await sleeping;
      session.close();

      const itself = await run(cluster, `${alive} --new_master_host=db1 --interactive=0`);
      expect([itself.code, itself.stderr.match(/ALREADY_SOURCE/g)?.length], itself.stderr).toEqual([1, 1]);

      const another = await startProduct(cluster, ['failover', '--dead-master-host', 'db2', '--yes']).end();
      expect(another.code).toBe(1);
      expect(another.stderr).toContain('NOT_THE_SOURCE: db2:3306 is not the source: the replicas follow db1:3306');

      const only = await run(cluster, `${alive} --interactive=0 --check_only`);
      expect(only.code, only.stdout + only.stderr).toBe(0);
      expect(await seen(cluster, 'db1')).toEqual({ follows: undefined, isOpen: true });

      await switchesAsAsked(cluster);
      // Without a word about the old source it is left alone, and taken out of the file where that is wished.
      const back = await run(
        cluster,
        `${alive} --new_master_host=db1 --interactive=0 --skip_lock_all_tables --remove_orig_master_conf`,
      );
      expect(back.code, back.stdout + back.stderr).toBe(0);
      expect(await seen(cluster, 'db1')).toEqual({ follows: undefined, isOpen: true });
      expect(await seen(cluster, 'db2')).toMatchObject({ follows: 'db1' });
      expect(await seen(cluster, 'db3')).toEqual({ follows: undefined, isOpen: false });
      const text = readFileSync(cluster.confFile, 'utf8');
      expect(text).toContain('hostname=db2');
      expect(text).not.toContain('hostname=db3');

      const added = await run(cluster, `masterha_conf_host --command=add ${conf} --hostname=db9 --params=no_master=1`);
      expect(added.code, added.stderr).toBe(0);
      expect(readFileSync(cluster.confFile, 'utf8')).toBe(
        `${text.trimEnd()}\n\n[server_db9]\nhostname=db9\nno_master=1\n`,
      );
      const again = await run(cluster, `masterha_conf_host --command=add ${conf} --hostname=db9`);
      expect(again.code).toBe(255);
      expect((await run(cluster, `masterha_conf_host --command=delete ${conf} --hostname=db9`)).code).toBe(0);
      expect((await run(cluster, `masterha_conf_host --command=delete ${conf} --hostname=db9`)).code).toBe(0);
    });
  });
});

describeWithServers('masterha_master_switch without a known replication password', () => {
  it('is no reason to refuse: the old source is left behind, and the exit code says so', async () => {
    await withCluster({ servers: 3 }, async (cluster) => {
      const text = readFileSync(cluster.confFile, 'utf8');
      expect(text).toContain('repl_password=');
      await writeFile(cluster.confFile, text.replace(/^repl_password=.*\n/gm, ''), { mode: 0o600 });
      const wishes = '--interactive=0 --new_master_host=db2 --orig_master_is_new_slave';
      const line = `masterha_master_switch --master_state=alive --conf=${cluster.confFile} ${wishes}`;
      const switched = await run(cluster, line);
      expect(switched.code, switched.stdout + switched.stderr).toBe(10);
      expect(switched.stdout + switched.stderr).toContain('no password is known by which db1:3306 could follow');
      expect(await seen(cluster, 'db2')).toEqual({ follows: undefined, isOpen: true });
      expect(await seen(cluster, 'db3')).toMatchObject({ follows: 'db2' });
      expect((await seen(cluster, 'db1')).isOpen).toBe(false);
    });
  });
});

const others = isMatrix ? familyNames.filter((name) => name !== 'mariadb') : [];

for (const family of others) {
  describeWithServers(`MHA’s commands on ${family}`, () => {
    it('check, purge and switch', async (context) => {
      needFamily(family, context);
      await withCluster({ family, servers: 3, mode: 'gtid' }, async (cluster) => {
        const conf = `--conf=${cluster.confFile}`;
        const checked = await run(cluster, `masterha_check_repl ${conf}`);
        expect(checked.code, checked.stdout).toBe(0);
        await cluster.sql('db2', 'SET GLOBAL relay_log_purge=0');
        const purge = await startProduct(cluster, ['purge-relay-logs']).end();
        expect(purge.code, purge.stdout).toBe(0);
        expect(await cluster.sql('db2', 'SELECT @@global.relay_log_purge AS purging')).toEqual([{ purging: '0' }]);
        const wishes = '--interactive=0 --new_master_host=db2 --orig_master_is_new_slave --skip_lock_all_tables';
        const switched = await run(cluster, `masterha_master_switch --master_state=alive ${conf} ${wishes}`);
        expect(switched.code, switched.stdout + switched.stderr).toBe(0);
        expect(await cluster.sql('db2', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '0' }]);
        expect((await run(cluster, `masterha_check_repl ${conf}`)).code).toBe(0);
      });
    });
  });
}

/** Connections that run it for a second already. */
async function longOn(cluster: Cluster, name: string): Promise<readonly number[]> {
  const query = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DO SLEEP%' AND TIME >= 1";
  return (await cluster.sql(name, query)).map(({ id }) => Number(id));
}

async function looksFromElsewhere(cluster: Cluster): Promise<void> {
  const options = /ssh_options=(.*)/.exec(readFileSync(cluster.confFile, 'utf8'))?.[1] ?? '';
  const look = (...words: readonly string[]): Promise<RunResult> =>
    startOldName(cluster, 'masterha_secondary_check', ['--user=root', `--options=${options}`, ...words]).end();
  const reached = await look('-s', 'db2', '-s', 'db3', '--master_host=db1', '--master_port=3306');
  expect(reached.code, reached.stdout + reached.stderr).toBe(3);
  const nobody = await look('-s', 'db2', '-s', 'db3', '--master_host=db1', '--master_port=3999');
  expect(nobody.code, nobody.stdout + nobody.stderr).toBe(0);
  // The name means nothing there; the address is known.
  const { address } = cluster.host('db1');
  const named = await look('-s', 'db2', '--master_host=nowhere.invalid', `--master_ip=${address}`);
  expect(named.code, named.stdout + named.stderr).toBe(3);
  await cluster.killSshd('db3');
  const blind = await look('-s', 'db2', '-s', 'db3', '--master_host=db1', '--master_port=3999', '--timeout=2');
  expect(blind.code, blind.stdout + blind.stderr).toBe(2);
  await cluster.startSshd('db3');
  const { user, password } = cluster.accounts.admin;
  const canary = watchForCanary(cluster);
  const trial = ['--ping_type=INSERT', `--master_user=${user}`, '--master_password=wrong'];
  // A server that turns the account away lives.
  expect((await look('-s', 'db2', '--master_host=db1', ...trial)).code).toBe(3);
  expect(canary.stop()).toEqual([]);
  const writes = await look(
    '-s',
    'db2',
    '--master_host=db1',
    ...trial.slice(0, 2),
    `--master_password=${password.reveal()}`,
  );
  expect(writes.code, writes.stdout + writes.stderr).toBe(3);
  expect(writes.stdout + writes.stderr).not.toContain(password.reveal());
  expect(await cluster.sql('db1', 'SELECT COUNT(*) AS n FROM infra.chk_masterha')).toEqual([{ n: '1' }]);
}

async function purges(cluster: Cluster): Promise<void> {
  await cluster.sql('db2', 'SET GLOBAL relay_log_purge=0');
  for (let round = 0; round < 3; round++) await cluster.sql('db2', 'FLUSH NO_WRITE_TO_BINLOG RELAY LOGS');
  const files = (): readonly string[] =>
    readFileSync(join(cluster.host('db2').server.dataFolder, 'relay-bin.index'), 'utf8')
      .trim()
      .split('\n');
  const before = files();
  const purge = await startProduct(cluster, ['purge-relay-logs']).end();
  expect(purge.code, purge.stdout + purge.stderr).toBe(0);
  expect(purge.stdout).toMatch(/^db2:3306: relay logs purged: /m);
  expect(purge.stdout).toMatch(/^db3:3306: relay_log_purge is on/m);
  expect(files().length).toBeLessThan(before.length);
  expect(await cluster.sql('db2', 'SELECT @@global.relay_log_purge AS purging')).toEqual([{ purging: '0' }]);
}

/** At a terminal: every question of MHA's, and another server than the one that is proposed. */
async function switchesAsAsked(cluster: Cluster): Promise<void> {
  const words = [
    '--master_state=alive',
    `--conf=${cluster.confFile}`,
    '--new_master_host=db2',
    '--orig_master_is_new_slave',
  ];
  const asked = startOldName(cluster, 'masterha_master_switch', words, 'terminal');
  for (const [question, answer] of [
    ['Is it ok to execute on db1', 'YES'],
    ['Starting master switch from db1', 'no'],
    ['Continue? (yes/NO)', 'yes'],
    ['Enter new master host name:', 'db3'],
    ['Master switch to db3', 'yes'],
    ['master_ip_online_change_script is not defined', 'yes'],
  ] as const) {
    await asked.says(question);
    asked.type(answer);
  }
  const { code } = await asked.end();
  expect(code, asked.text()).toBe(0);
  expect(await seen(cluster, 'db3')).toEqual({ follows: undefined, isOpen: true });
  for (const name of ['db1', 'db2']) expect(await seen(cluster, name)).toMatchObject({ follows: 'db3' });

  // From a pipe, all at once and before anything was asked: no flush, not that server, no other one.
  const declined = startOldName(cluster, 'masterha_master_switch', words.slice(0, 2), 'pipe');
  declined.type('no\n\nNO');
  const { code: one, stderr } = await declined.end();
  expect([one, stderr.match(/\(\w+\/\w+\): /g)?.length], stderr).toEqual([1, 3]);
  expect(await seen(cluster, 'db3')).toEqual({ follows: undefined, isOpen: true });
}

describeWithServers('MHA’s commands when the source dies', () => {
  it('monitor, manage, tell, stop, and fail over by hand', async () => {
    await withCluster({ mode: 'coordinates', conf: { ping_interval: 4 } }, async (cluster) => {
      const conf = `--conf=${cluster.confFile}`;
      const manager = startOldName(cluster, 'masterha_manager', [conf, '--frobnicate=1', '-last_failover_minute=1']);
      await watching(cluster, manager);
      expect(manager.text()).toContain('warning: --frobnicate is not known');
      expect(await showsStatus(cluster, 0)).toMatch(/^app1 \(pid:\d+\) is running\(0:PING_OK\), master:db1$/);
      // Between two pings it is older than that.
      const old = (): Promise<RunResult> => run(cluster, `masterha_check_status ${conf} --ping_limit=1`);
      await until(async () => (await old()).code === 32, { what: 'see its status grow old', deadlineMs: 30_000 });
      const stopped = await run(cluster, `masterha_stop ${conf}`);
      expect([stopped.code, stopped.stdout]).toEqual([0, 'Stopped app1 successfully.\n']);
      expect((await manager.end()).code).toBe(1);
      const none = await run(cluster, `masterha_check_status ${conf}`);
      expect([none.code, none.stdout]).toEqual([2, 'app1 is stopped(2:NOT_RUNNING).\n']);

      const monitor = startOldName(cluster, 'masterha_master_monitor', [conf, '--interactive=0']);
      await watching(cluster, monitor);
      await cluster.killServer('db1');
      expect((await monitor.end()).code, monitor.text()).toBe(20);
      const { address } = cluster.host('db1');
      expect(monitor.text()).toContain(`Master db1 is dead!\nIP Address: ${address} Port: 3306\n`);

      const doubtful = startOldName(cluster, 'masterha_master_monitor', [conf], 'terminal');
      await doubtful.says('Master is not currently alive. Proceed? (yes/NO):');
      doubtful.type('no');
      expect((await doubtful.end()).code, doubtful.text()).toBe(1);

      // Started with a source that is dead already.
      const late = startOldName(cluster, 'masterha_manager', [
        conf,
        '--remove_dead_master_conf',
        '--new_master_host=db2',
      ]);
      expect((await late.end()).code, late.text()).toBe(0);
      expect(await seen(cluster, 'db2')).toEqual({ follows: undefined, isOpen: true });
      for (const name of ['db3', 'db4']) expect(await seen(cluster, name)).toMatchObject({ follows: 'db2' });
      expect(readFileSync(cluster.confFile, 'utf8')).not.toContain('hostname=db1');

      await failsAgain(cluster, conf);
    });
  });
});

async function failsAgain(cluster: Cluster, conf: string): Promise<void> {
  const mark = join(cluster.workdir, 'app1.failover.error');
  await writeFile(mark, '');
  const manager = startOldName(cluster, 'masterha_manager', [conf, '--wait_on_failover_error=600']);
  await watching(cluster, manager);
  await cluster.killServer('db2');
  expect(await showsStatus(cluster, 51)).toMatch(
    /^app1 master is down and failover was not successful\(51:FAILOVER_ERROR\)\. master:db2/,
  );
  expect((await run(cluster, `masterha_stop ${conf} --abort_timeout=30`)).code).toBe(0);
  expect((await manager.end()).code).toBe(1);

  const words = ['--master_state=dead', conf, '--dead_master_host=db2', '--ignore_last_failover'];
  const wishes = ['--skip_change_master', '--skip_disable_read_only', '--new_master_host=db3'];
  const byHand = startOldName(cluster, 'masterha_master_switch', [...words, ...wishes], 'terminal');
  await byHand.says('Master db2(');
  await byHand.says('is dead. Proceed? (yes/NO):');
  byHand.type('y');
  await byHand.says('Starting master switch from db2');
  byHand.type('yes');
  expect((await byHand.end()).code, byHand.text()).toBe(0);
  expect(byHand.text()).toContain('Level with it, and not pointed to it: db4:3306.');
  expect(await seen(cluster, 'db3')).toEqual({ follows: undefined, isOpen: false });
  expect(await seen(cluster, 'db4')).toEqual({ follows: 'db2', isOpen: false });
  expect(existsSync(mark)).toBe(false);

  // Nobody follows anybody now: no manager can start.
  const lost = startOldName(cluster, 'masterha_manager', [conf, '--wait_on_monitor_error=600']);
  expect(await showsStatus(cluster, 31)).toMatch(/^app1 servers are not correctly configured\(31:CONFIG_ERROR\)\./);
  expect((await run(cluster, `masterha_stop ${conf} --abort`)).code).toBe(0);
  expect((await lost.end()).code).toBe(1);
}
