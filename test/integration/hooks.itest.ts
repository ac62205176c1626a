import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { prove, type Proof } from '../../src/sandbox/proof.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { startApplier, stopApplier } from '../../src/sandbox/replica-verbs.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { startWriter, type Writer } from '../../src/sandbox/writer.js';
import { watchForCanary } from './support/canary.js';
import { describeFamilies, describeInMatrix, isMatrix, modes } from './support/families.js';
import { runFolderOf, startProduct, watching } from './support/product.js';
import { isWritable } from './support/proof.js';
import { hookName, type SiteHooks, siteHooks } from './support/site-hooks.js';
import { runSwitch } from './support/switch.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';

const replicas = ['db2', 'db3', 'db4'];

/** A cluster with a writer whose configuration names a site's scripts. */
async function onSite(
  roles: Readonly<Record<string, string>>,
  options: ClusterOptions,
  test: (cluster: Cluster, writer: Writer, hooks: SiteHooks) => Promise<void>,
): Promise<void> {
  const hooks = siteHooks();
  const conf = Object.fromEntries(Object.entries(roles).map(([key, role]) => [key, hooks.command(role)]));
  try {
    await withCluster({ ...options, conf: { ...conf, ...options.conf } }, async (cluster) => {
      const writer = await startWriter(cluster, { ratePerWorker: 100 });
      await test(cluster, writer, hooks);
    });
  } finally {
    hooks.remove();
  }
}

const bothScripts = { master_ip_failover_script: 'ip', shutdown_script: 'power' };

async function replication(cluster: Cluster, name: string): Promise<Readonly<Record<string, unknown>>> {
  const status = await readReplicaStatus(cluster.host(name).server);
  const [settings] = await cluster.sql(
    name,
    'SELECT @@global.read_only AS closed, @@global.relay_log_purge AS purging',
  );
  return {
    host: status?.sourceHost,
    port: status?.sourcePort,
    user: status?.sourceUser,
    mode: status?.mode,
    // A receiver whose source is dead tries to connect.
    receiver: status?.receiver === 'No' ? 'stopped' : 'started',
    applier: status?.applier,
    ...settings,
  };
}

async function allReplication(cluster: Cluster): Promise<Readonly<Record<string, unknown>>> {
  const seen = await Promise.all(replicas.map(async (name) => [name, await replication(cluster, name)] as const));
  return Object.fromEntries(seen);
}

async function proof(cluster: Cluster, writer: Writer): Promise<Proof> {
  return prove(cluster, await writer.stop());
}

describeFamilies('the site’s scripts in a failover', (family) => {
  it.each(isMatrix ? modes : (['coordinates'] as const))(
    'are called in MHA’s order with MHA’s arguments (%s)',
    async (mode) => {
      const roles = { ...bothScripts, report_script: 'report' };
      const confPerServer = { db1: { master_pid_file: '/run/db1.pid' } };
      await onSite(roles, { family, mode, confPerServer }, async (cluster, writer, hooks) => {
        const canary = watchForCanary(cluster);
        const manager = startProduct(cluster, ['manager']);
        await watching(cluster, manager);
        await makeTail(cluster, writer, 100);
        await cluster.killServer('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(20);
        expect((await proof(cluster, writer)).problems).toEqual([]);
        // The arguments of the scripts are the one place where MHA's contract has a password.
        const leaks = canary.stop(manager.text()).filter((where) => where !== `cmdline of ${hookName}`);
        expect(leaks).toEqual([]);

        const address = (name: string): string => cluster.host(name).address;
        const dead = ['--orig_master_host=db1', `--orig_master_ip=${address('db1')}`, '--orig_master_port=3306'];
        const chosen =
          replicas[(await Promise.all(replicas.map((name) => isWritable(cluster, name)))).indexOf(true)] ?? '';
        const options = expect.stringMatching(/^--ssh_options=-i \S+ .*BatchMode=yes/) as unknown;
        const [ipStatus, powerStatus, ...rest] = hooks.calls();
        expect([ipStatus, powerStatus].sort()).toEqual([
          ['ip', '--command=status', '--ssh_user=root', ...dead, options],
          ['power', '--command=status', '--ssh_user=root', '--host=db1', `--ip=${address('db1')}`, options],
        ]);
        expect(rest).toEqual([
          ['ip', ...dead, '--command=stopssh', '--ssh_user=root', options],
          [
            'power',
            '--command=stopssh',
            '--ssh_user=root',
            '--host=db1',
            `--ip=${address('db1')}`,
            '--port=3306',
            '--pid_file=/run/db1.pid',
            options,
          ],
          [
            'ip',
            '--command=start',
            '--ssh_user=root',
            ...dead,
            `--new_master_host=${chosen}`,
            `--new_master_ip=${address(chosen)}`,
            '--new_master_port=3306',
            `--new_master_user=${cluster.accounts.admin.user}`,
            '--new_master_password=',
            options,
          ],
          [
            'report',
            '--orig_master_host=db1',
            `--new_master_host=${chosen}`,
            `--new_slave_hosts=${replicas.filter((name) => name !== chosen).join(',')}`,
            `--conf=${cluster.confFile}`,
            `--subject=app1: MySQL Master failover db1(${address('db1')}:3306) to ${chosen}(${address(chosen)}:3306) succeeded`,
            expect.stringMatching(/^--body=/),
          ],
        ]);
      });
    },
  );

  it('put everything back when the address cannot be moved', async () => {
    await onSite(bothScripts, { family, mode: 'coordinates' }, async (cluster, writer, hooks) => {
      hooks.answer('ip', 'start', 1);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      // One applier that somebody has stopped: the run starts it, and stops it again.
      await stopApplier(cluster, 'db3');
      const before = await allReplication(cluster);
      await cluster.killServer('db1');
      expect((await manager.end()).code, manager.text()).toBe(1);
      expect(runFolderOf(cluster)?.report).toMatchObject({ exit: 1, refusal: { code: 'HOOK_FAILED' } });
      expect(await allReplication(cluster)).toEqual(before);
      await startApplier(cluster, 'db3');
      await cluster.startServer('db1');
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: ['db1', ...replicas] })).problems).toEqual([]);
    });
  });

  it.each([
    ['ip', 'stopssh'],
    ['power', 'stopssh'],
  ])('%s %s that fails ends the failover', async (role, command) => {
    await onSite(
      { ...bothScripts, report_script: 'report' },
      { family, mode: 'gtid' },
      async (cluster, writer, hooks) => {
        hooks.answer(role, command, 1);
        const before = await allReplication(cluster);
        await cluster.killServer('db1');
        const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
        expect((await failover.end()).code, failover.text()).toBe(1);
        expect(hooks.calls().some((call) => call.includes('--command=start'))).toBe(false);
        // The report is sent all the same, and names no new source.
        expect(hooks.calls().at(-1)?.slice(0, 3)).toEqual([
          'report',
          '--orig_master_host=db1',
          `--conf=${cluster.confFile}`,
        ]);
        expect(await allReplication(cluster)).toEqual(before);
        await writer.stop();
      },
    );
  });
});

/*
 * What a script answers is the same to every family; order and arguments are tried on each, above.
 */

describeInMatrix('the site’s scripts that answer otherwise in a failover', () => {
  it('leave an applier stopped that was stopped before and that the freeze had to start', async () => {
    await onSite({ master_ip_failover_script: 'ip' }, { mode: 'gtid' }, async (cluster, writer, hooks) => {
      const statusOf = async (): Promise<Readonly<Record<string, string | null>>> =>
        (await cluster.sql('db3', 'SHOW SLAVE STATUS'))[0] ?? {};
      hooks.answer('ip', 'stopssh', 1);
      await cluster.sql('db3', 'STOP SLAVE SQL_THREAD');
      await writer.more(50);
      const holds = async (): Promise<boolean> => {
        const status = await statusOf();
        return Number(status['Read_Master_Log_Pos']) > Number(status['Exec_Master_Log_Pos']);
      };
      await until(holds, { what: 'see db3 hold what it has not applied', deadlineMs: 30_000 });
      const before = await allReplication(cluster);
      const started = async (): Promise<boolean> => {
        const status = await statusOf();
        return status['Slave_SQL_Running'] === 'Yes' && status['Slave_IO_Running'] === 'No';
      };
      const stop = hooks.during('ip', 'stopssh', async () => {
        await until(started, { what: 'see the freeze start the applier of db3', deadlineMs: 60_000 });
      });
      await cluster.killServer('db1');
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      await stop;
      expect((await failover.end()).code, failover.text()).toBe(1);
      expect(await allReplication(cluster)).toEqual(before);
      await writer.stop();
    });
  });

  it('only warn when they answer 10', async () => {
    await onSite(bothScripts, { mode: 'gtid' }, async (cluster, writer, hooks) => {
      for (const command of ['stopssh', 'start']) hooks.answer('ip', command, 10);
      hooks.answer('power', 'stopssh', 10);
      await cluster.killServer('db1');
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      expect((await failover.end()).code, failover.text()).toBe(0);
      await writer.more(20);
      expect((await proof(cluster, writer)).problems).toEqual([]);
    });
  });

  it.each([
    ['ip', 'master_ip_failover_script'],
    ['power', 'shutdown_script'],
  ])('keep the manager from starting when %s is not ready', async (role, name) => {
    await onSite(bothScripts, { servers: 2 }, async (cluster, writer, hooks) => {
      hooks.answer(role, 'status', 10);
      for (const command of ['manager', 'check-repl']) {
        const run = startProduct(cluster, [command]);
        expect((await run.end()).code, run.text()).toBe(1);
        expect(run.text()).toContain(name);
      }
      await writer.stop();
    });
  });
});

/** It hangs, and its host cannot be logged in to: only the site can stop it. */
describeWithServers('shutdown_script for a source that hangs without SSH', () => {
  const hang = async (cluster: Cluster): Promise<void> => {
    await cluster.killSshd('db1');
    cluster.freeze('db1');
  };

  it('0: the power is off, and the replicas are levelled from what they hold', async () => {
    await onSite(bothScripts, { mode: 'coordinates' }, async (cluster, writer, hooks) => {
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      const power = hooks.during('power', 'stop', () => cluster.killHost('db1'));
      await hang(cluster);
      await power;
      expect((await manager.end()).code, manager.text()).toBe(0);
      expect(
        hooks.calls().map(([role, ...words]) => `${role} ${words.find((word) => word.startsWith('--command')) ?? ''}`),
      ).toEqual(expect.arrayContaining(['ip --command=stop', 'power --command=stop', 'ip --command=start']));
      await writer.more(20);
      const judged = await proof(cluster, writer);
      expect(judged.problems.filter((text) => !text.startsWith('acknowledged rows lost'))).toEqual([]);
      expect(runFolderOf(cluster)?.report.losses.join()).toContain('could not be read');
    });
  });

  it('10: the server is stopped and SSH works again, so that its disk is read', async () => {
    await onSite(bothScripts, { mode: 'coordinates' }, async (cluster, writer, hooks) => {
      hooks.answer('power', 'stop', 10);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await makeTail(cluster, writer, 100);
      const power = hooks.during('power', 'stop', async () => {
        await cluster.startSshd('db1');
        await cluster.killServer('db1');
      });
      await hang(cluster);
      await power;
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(20);
      expect((await proof(cluster, writer)).problems).toEqual([]);
    });
  });

  it('1: nothing is promoted, and the source goes on when it wakes', async () => {
    await onSite(bothScripts, { mode: 'gtid' }, async (cluster, writer, hooks) => {
      hooks.answer('power', 'stop', 1);
      const before = await allReplication(cluster);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await hang(cluster);
      expect((await manager.end()).code, manager.text()).toBe(1);
      expect(await allReplication(cluster)).toEqual(before);
      cluster.thaw('db1');
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: ['db1', ...replicas] })).problems).toEqual([]);
    });
  });

  it('none: nothing is promoted, although its queue of connections is full and it answers nobody', async () => {
    await onSite({}, { mode: 'gtid', perServer: { db1: ['back_log=1'] } }, async (cluster, writer) => {
      const before = await allReplication(cluster);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await hang(cluster);
      expect((await manager.end()).code, manager.text()).toBe(1);
      expect(manager.text()).toContain('SOURCE_NOT_PROVEN_DEAD');
      expect(await allReplication(cluster)).toEqual(before);
      cluster.thaw('db1');
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: ['db1', ...replicas] })).problems).toEqual([]);
    });
  });

  it('0 is not believed while the source still takes connections', async ({ skip }) => {
    skip(!isMatrix, 'the matrix runs it');
    await onSite(bothScripts, { mode: 'gtid' }, async (cluster, writer) => {
      const before = await allReplication(cluster);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      // Clients that go on connecting would fill the queue of a server that takes nobody out of it.
      await writer.stop();
      await hang(cluster);
      expect((await manager.end()).code, manager.text()).toBe(1);
      expect(runFolderOf(cluster)?.report).toMatchObject({ refusal: { code: 'SOURCE_NOT_FENCED' } });
      expect(await allReplication(cluster)).toEqual(before);
      cluster.thaw('db1');
    });
  });
});

/** What only the dead disk holds is fetched before anybody may cut its power. */
describeInMatrix('a shutdown_script that cuts the power', () => {
  it('finds the tail of a dead server fetched already', async () => {
    await onSite(bothScripts, { mode: 'coordinates' }, async (cluster, writer, hooks) => {
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      const power = hooks.during('power', 'stopssh', () => cluster.killHost('db1'));
      await makeTail(cluster, writer, 100);
      await cluster.killServer('db1');
      await power;
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(20);
      expect((await proof(cluster, writer)).problems).toEqual([]);
    });
  });

  it.each(modes)('finds it fetched, too, where only that script can stop what holds the port (%s)', async (mode) => {
    await onSite(bothScripts, { mode }, async (cluster, writer, hooks) => {
      await makeTail(cluster, writer, 100);
      await cluster.killServer('db1');
      const listen = "require('net').createServer().listen(3306, () => console.log('listens'))";
      const holder = cluster.spawnIn('db1', ['node', '-e', listen], { stdio: ['ignore', 'pipe', 'ignore'] });
      if (holder.stdout !== null) await once(holder.stdout, 'data');
      const power = hooks.during('power', 'stopssh', () => cluster.killHost('db1'));
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      await power;
      expect((await failover.end()).code, failover.text()).toBe(0);
      await writer.more(20);
      expect((await proof(cluster, writer)).problems).toEqual([]);
      expect(runFolderOf(cluster)?.report.losses.join()).toContain('before its power was cut');
    });
  });
});

describeInMatrix('the site’s other answers', () => {
  it('a second opinion that objects is asked again until it permits', async () => {
    await onSite({ secondary_check_script: 'second' }, { mode: 'gtid' }, async (cluster, writer, hooks) => {
      hooks.answer('second', '', 3);
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await cluster.killServer('db1');
      await manager.says('vetoed-by-script');
      expect(runFolderOf(cluster)).toBeUndefined();
      hooks.answer('second', '', 0);
      expect((await manager.end()).code, manager.text()).toBe(0);
      expect(hooks.calls()[0]).toEqual([
        'second',
        '--user=root',
        '--master_host=db1',
        `--master_ip=${cluster.host('db1').address}`,
        '--master_port=3306',
        `--master_user=${cluster.accounts.admin.user}`,
        '--master_password=',
        '--ping_type=SELECT',
        expect.stringMatching(/^--options=-i \S+ .*ConnectTimeout=5/) as unknown,
      ]);
      await writer.more(20);
      expect((await proof(cluster, writer)).problems).toEqual([]);
    });
  });

  it('a report_script that fails is only said', async () => {
    await onSite({ report_script: 'report' }, { mode: 'gtid', servers: 2 }, async (cluster, writer, hooks) => {
      hooks.answer('report', '', 1);
      await cluster.killServer('db1');
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      expect((await failover.end()).code, failover.text()).toBe(0);
      expect(failover.text()).toContain('report_script: exit code 1');
      await writer.stop();
    });
  });

  it('one that does not end is ended at its deadline, and the failover with it', async () => {
    const conf = { master_ip_failover_script: 'sleep 3600; :', hook_timeout_seconds: 2 };
    await onSite({}, { mode: 'gtid', servers: 2, conf }, async (cluster, writer) => {
      await cluster.killServer('db1');
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      expect((await failover.end()).code, failover.text()).toBe(1);
      expect(runFolderOf(cluster)?.report).toMatchObject({ refusal: { code: 'HOOK_FAILED' } });
      expect(failover.text()).toContain('ended by its deadline of 2000 ms');
      expect(await isWritable(cluster, 'db2')).toBe(false);
      await writer.stop();
    });
  });

  it('passwords are in their environment alone where the site wants that', async () => {
    const conf = { hook_secrets: 'env' };
    await onSite(bothScripts, { mode: 'gtid', servers: 2, conf }, async (cluster, writer, hooks) => {
      const canary = watchForCanary(cluster);
      const held = hooks.during('ip', 'start', () => writer.more(0));
      await cluster.killServer('db1');
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes']);
      await held;
      expect((await failover.end()).code, failover.text()).toBe(0);
      expect(
        hooks
          .calls()
          .flat()
          .filter((word) => word.includes('password')),
      ).toEqual([]);
      // The script's own children (touch, sleep) inherit its environment.
      const leaks = canary.stop(failover.text()).filter((where) => !where.startsWith('environ of '));
      expect(leaks).toEqual([]);
      await writer.stop();
    });
  });
});

describeInMatrix('the site’s script in a planned switch', () => {
  const roles = { master_ip_online_change_script: 'online' };
  const commands = (hooks: SiteHooks): readonly (readonly string[])[] =>
    hooks.calls().map((call) => call.filter((word) => /^--(command|orig_master_host|new_master_host)=/.test(word)));

  it('goes on when it answers 10', async () => {
    await onSite(roles, { mode: 'coordinates' }, async (cluster, writer, hooks) => {
      for (const command of ['stop', 'start']) hooks.answer('online', command, 10);
      const run = await runSwitch(cluster, '--new-master', 'db2', '--yes');
      expect(run.code, run.stderr).toBe(0);
      expect(commands(hooks)).toEqual([
        ['--command=stop', '--orig_master_host=db1', '--new_master_host=db2'],
        ['--command=start', '--orig_master_host=db1', '--new_master_host=db2'],
      ]);
      expect(hooks.calls()[0]).toContain('--orig_master_is_new_slave');
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: ['db1', ...replicas] })).problems).toEqual([]);
    });
  });

  it.each([
    ['stop', []],
    ['start', [['--command=start', '--orig_master_host=db1', '--new_master_host=db2']]],
  ])('%s that fails is followed by a start with the old source as the new one', async (command, between) => {
    await onSite(roles, { mode: 'coordinates' }, async (cluster, writer, hooks) => {
      hooks.answer('online', command, 1);
      const run = await runSwitch(cluster, '--new-master', 'db2', '--yes');
      expect(run.code, run.stderr).toBe(1);
      expect(run.refusal).toBe('HOOK_FAILED');
      expect(commands(hooks)).toEqual([
        ['--command=stop', '--orig_master_host=db1', '--new_master_host=db2'],
        ...between,
        ['--command=start', '--orig_master_host=db1', '--new_master_host=db1'],
      ]);
      // The call back is answered as the first one was, and read as well.
      const undone = command === 'start' ? ['hook:db1:3306:online-stop could not be undone'] : [];
      expect(run.json['warnings']).toEqual(undone.map((text) => expect.stringContaining(text) as unknown));
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: ['db1', ...replicas] })).problems).toEqual([]);
    });
  });
});
