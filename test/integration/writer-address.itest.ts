import { expect, it } from 'vitest';
import type { Cluster, ClusterOptions } from '../../src/sandbox/cluster.js';
import { familyNames } from '../../src/sandbox/family/family.js';
import { prove } from '../../src/sandbox/proof.js';
import { startWriter, type Writer } from '../../src/sandbox/writer.js';
import { watchForCanary } from './support/canary.js';
import { isMatrix, needFamily } from './support/families.js';
import { runFolderOf, startProduct, watching } from './support/product.js';
import { hookName, siteHooks } from './support/site-hooks.js';
import { gateName, placeGates, runSwitch, startSwitch } from './support/switch.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';
import { byAddress, holders, placeAddress, vip, withAddress } from './support/writer-address.js';

const all = ['db1', 'db2', 'db3', 'db4'];
const replicas = all.slice(1);

async function onAddress(
  options: ClusterOptions,
  test: (cluster: Cluster, writer: Writer) => Promise<void>,
): Promise<void> {
  await withCluster(withAddress(options), async (cluster) => {
    await placeAddress(cluster);
    const canary = watchForCanary(cluster);
    const writer = await startWriter(cluster, byAddress);
    await writer.more(20);
    await test(cluster, writer);
    // The arguments of the site's scripts are the one place where a password may be; a process may be gone when it is named.
    const mayShow = ['', hookName, gateName].map((name) => `cmdline of ${name}`);
    expect(canary.stop().filter((where) => !mayShow.includes(where))).toEqual([]);
  });
}

async function newSourceOf(cluster: Cluster): Promise<string> {
  const seen = await Promise.all(
    replicas.map(async (name) => [name, (await cluster.sql(name, 'SELECT @@global.read_only AS closed'))[0]] as const),
  );
  return seen.find(([, row]) => row?.['closed'] === '0')?.[0] ?? 'none';
}

describeWithServers('the writer’s address in a failover', () => {
  it.for(isMatrix ? (['mariadb', 'mysql56'] as const) : (['mariadb'] as const))(
    'leads a client that knows nothing else to the new source (%s)',
    async (family, context) => {
      needFamily(family, context);
      await onAddress({ family, mode: 'gtid' }, async (cluster, writer) => {
        const manager = startProduct(cluster, ['manager']);
        await watching(cluster, manager);
        await cluster.killServer('db1');
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(50);
        const chosen = await newSourceOf(cluster);
        expect(await holders(cluster, all)).toEqual([chosen]);
        expect(runFolderOf(cluster)?.report).toMatchObject({
          writerAddress: { address: vip, server: `${chosen}:3306`, oldHost: 'removed', verified: true },
        });
        expect((await prove(cluster, await writer.stop())).problems).toEqual([]);
      });
    },
  );

  it('goes on when the old host answers nowhere, and says that it may come back with the address', async () => {
    await onAddress({ mode: 'coordinates' }, async (cluster, writer) => {
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await cluster.killHost('db1');
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(50);
      const chosen = await newSourceOf(cluster);
      expect(await holders(cluster, replicas)).toEqual([chosen]);
      expect(runFolderOf(cluster)?.report).toMatchObject({
        writerAddress: { server: `${chosen}:3306`, oldHost: 'silent', verified: true },
        next: expect.arrayContaining([expect.stringContaining(`ip addr del ${vip}/24 dev eth0`)]) as unknown,
      });
      const judged = await prove(cluster, await writer.stop());
      expect(judged.problems.filter((text) => !text.startsWith('acknowledged rows lost'))).toEqual([]);
    });
  });

  it('puts everything back while the old host is there and cannot be told to give the address up', async () => {
    await onAddress({ mode: 'gtid' }, async (cluster, writer) => {
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      await cluster.killSshd('db1');
      await cluster.killServer('db1');
      expect((await manager.end()).code, manager.text()).toBe(1);
      expect(runFolderOf(cluster)?.report).toMatchObject({ refusal: { code: 'WRITER_ADDRESS_NOT_MOVED' } });
      expect(await holders(cluster, all)).toEqual(['db1']);
      await cluster.startServer('db1');
      await writer.more(20);
      expect((await prove(cluster, await writer.stop(), { servers: all })).problems).toEqual([]);
    });
  });

  it('goes on after shutdown_script has cut the power of a host without SSH', async () => {
    const hooks = siteHooks();
    try {
      const conf = { shutdown_script: hooks.command('power') };
      await onAddress({ mode: 'gtid', conf }, async (cluster, writer) => {
        const manager = startProduct(cluster, ['manager']);
        await watching(cluster, manager);
        const power = hooks.during('power', 'stop', () => cluster.killHost('db1'));
        await cluster.killSshd('db1');
        await cluster.killServer('db1');
        await power;
        expect((await manager.end()).code, manager.text()).toBe(0);
        await writer.more(20);
        expect(await holders(cluster, replicas)).toEqual([await newSourceOf(cluster)]);
        await writer.stop();
      });
    } finally {
      hooks.remove();
    }
  });
});

describeWithServers('the writer’s address in a planned switch', () => {
  it.for(isMatrix ? familyNames : (['mariadb'] as const))('moves, and moves back (%s)', async (family, context) => {
    needFamily(family, context);
    await onAddress({ family, mode: 'gtid' }, async (cluster, writer) => {
      const plan = await runSwitch(cluster, '--new-master', 'db2', '--dry-run');
      expect(JSON.stringify(plan.json)).toContain(`ip -4 addr del ${vip}/24 dev eth0`);
      expect(await holders(cluster, all)).toEqual(['db1']);
      for (const name of ['db2', 'db1']) {
        const run = await runSwitch(cluster, '--new-master', name, '--yes');
        expect(run.code, run.stderr).toBe(0);
        expect(run.json).toMatchObject({
          writerAddress: { server: `${name}:3306`, oldHost: 'removed', verified: true },
        });
        expect(await holders(cluster, all)).toEqual([name]);
        await writer.more(50);
      }
      const proof = await prove(cluster, await writer.stop(), { servers: all, returns: 1 });
      expect(proof.problems).toEqual([]);
      expect(proof.writable).toEqual(['db1']);
    });
  });

  it('goes back to the old source when the switch fails behind it', async () => {
    await onAddress({ mode: 'coordinates' }, async (cluster, writer) => {
      const gates = await placeGates(cluster);
      await gates.open('stop');
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('start');
      expect(await holders(cluster, all)).toEqual(['db2']);
      await gates.open('start', 1);
      const { code, refusal, stderr } = await run.ended;
      expect(code, stderr).toBe(1);
      expect(refusal).toBe('HOOK_FAILED');
      expect(await holders(cluster, all)).toEqual(['db1']);
      await writer.more(50);
      const proof = await prove(cluster, await writer.stop(), { servers: all });
      expect(proof.problems).toEqual([]);
      expect(proof.writable).toEqual(['db1']);
    });
  });

  it('is given back by the next command when the switch was killed after it had moved', async () => {
    await onAddress({ mode: 'gtid' }, async (cluster, writer) => {
      const gates = await placeGates(cluster);
      await gates.open('stop');
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('start');
      run.kill('SIGKILL');
      await run.ended;
      expect(await holders(cluster, all)).toEqual(['db2']);
      await gates.open('start');
      const next = await runSwitch(cluster, '--new-master', 'db3', '--yes');
      expect(next.code, next.stderr).toBe(0);
      expect(await holders(cluster, all)).toEqual(['db3']);
      await writer.more(50);
      const proof = await prove(cluster, await writer.stop(), { servers: all });
      expect(proof.problems).toEqual([]);
      expect(proof.writable).toEqual(['db3']);
    });
  });
});

describeWithServers('check-repl of the writer’s address', () => {
  it('names each host on which it cannot be, or is by mistake', async () => {
    const confPerServer = { db2: { writer_vip_interface: 'eth7' } };
    const perServer = { db3: ['bind-address=10.77.0.13'] };
    await withCluster(withAddress({ servers: 3, confPerServer, perServer }), async (cluster) => {
      await placeAddress(cluster, 'db3');
      const check = startProduct(cluster, ['check-repl']);
      expect((await check.end()).code, check.text()).toBe(1);
      expect(check.text()).toContain('no interface eth7');
      expect(check.text()).toContain('db3:3306 listens on 10.77.0.13 only');
      expect(check.text()).toContain('The host of db3:3306, a replica, has the writer');
    });
  });

  it('finds nothing to say of a cluster that is right', async () => {
    await withCluster(withAddress({ servers: 2 }), async (cluster) => {
      await placeAddress(cluster);
      const check = startProduct(cluster, ['check-repl', '--json']);
      expect((await check.end()).code, check.text()).toBe(0);
      expect(check.text()).not.toContain('writer-address');
    });
  });
});
