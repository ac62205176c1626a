import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { canary } from '../../src/sandbox/accounts.js';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { familyNames } from '../../src/sandbox/family/family.js';
import { checkout, clustersFolder } from '../../src/sandbox/places.js';
import { prove } from '../../src/sandbox/proof.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { commandName, stampOf } from '../../src/sandbox/proc.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { until } from '../../src/sandbox/wait.js';
import { startWriter } from '../../src/sandbox/writer.js';
import { watchForCanary } from './support/canary.js';
import { needFamily } from './support/families.js';
import { whyNoLinks } from './support/lab.js';
import { runIn } from './support/run-in.js';
import { describeWithServers, noServers, withCluster } from './support/with-cluster.js';

/** Exit 0 when a TCP connection comes about, 1 when it is refused, 2 when nothing answers. */
const connectScript = `const [host, port] = process.argv.slice(1);
const socket = require('net').connect({ host, port: Number(port), timeout: 700 });
socket.on('connect', () => process.exit(0)).on('error', () => process.exit(1)).on('timeout', () => process.exit(2));`;

async function connects(cluster: Cluster, from: string, to: string): Promise<number | null> {
  const { address, port } = cluster.host(to);
  return (await runIn(cluster, from, ['node', '-e', connectScript, address, String(port)])).code;
}

/** Promotes without looking for what the dead source's disk holds: what a careless person would do. */
async function promoteCarelessly(cluster: Cluster): Promise<void> {
  await cluster.sql('db2', 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only=0');
}

/** Names of a host's processes. */
function runningOn(cluster: Cluster, name: string): readonly string[] {
  return cluster.processesOf(name).map(commandName);
}

const noLinks = noServers ?? (await whyNoLinks());

describeWithServers('the sandbox', () => {
  it.for(familyNames)('starts a source and replicas that replicate, in either mode (%s)', async (family, context) => {
    needFamily(family, context);
    for (const mode of ['coordinates', 'gtid'] as const) {
      await withCluster({ family, servers: 3, mode }, async (cluster) => {
        await cluster.sql('db1', 'CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (7)');
        const arrived = async (): Promise<boolean> =>
          (await cluster.sql('db3', 'SELECT id FROM app.t'))[0]?.['id'] === '7';
        expect(await until(arrived, { what: 'see the row', deadlineMs: 10_000 })).toBe(true);
        expect(await readReplicaStatus(cluster.host('db2').server)).toMatchObject({ mode, applier: 'Yes' });
        expect(runningOn(cluster, 'db3')).toContain(cluster.family.processName);
        expect(readFileSync(cluster.confFile, 'utf8')).toContain('CANARY');
      });
    }
  });

  it('judges: a promotion without rescue loses rows, and the outage is seen', async () => {
    await withCluster({ servers: 3 }, async (cluster) => {
      const writer = await startWriter(cluster);
      const tail = await makeTail(cluster, writer, 100);
      const counts = [...tail.held.values()];
      expect(counts[0]).toBeLessThan(counts[1] ?? 0);
      const killedAt = process.hrtime.bigint();
      await cluster.killServer('db1');
      await promoteCarelessly(cluster);
      await writer.more(20);
      const proof = await prove(cluster, await writer.stop(), { killedAt, level: false });
      expect(proof.lost.length).toBeGreaterThanOrEqual(100);
      expect(proof.writable).toEqual(['db2']);
      expect(proof.outage).toMatchObject({ before: 1, after: 2 });
      expect(proof.problems.join('\n')).toContain('acknowledged rows lost');
    });
  });

  it.for(familyNames)(
    'judges: a cluster without any fault passes, with every kind of row (%s)',
    async (family, context) => {
      needFamily(family, context);
      await withCluster({ family, servers: 2, mode: 'gtid' }, async (cluster) => {
        const writer = await startWriter(cluster, { mix: 'varied' });
        await writer.more(500);
        const lines = await writer.stop();
        const proof = await prove(cluster, lines, { servers: ['db1', 'db2'] });
        expect(proof.problems).toEqual([]);
        expect(proof.acknowledged).toBeGreaterThanOrEqual(500);
        expect(lines.some((line) => line.e === 'ddl')).toBe(true);
      });
    },
  );

  it('sees two servers taking writes', async () => {
    await withCluster({ servers: 2 }, async (cluster) => {
      const one = await startWriter(cluster, { hosts: ['db1'], workers: 1 });
      await cluster.sql('db2', 'STOP SLAVE; SET GLOBAL read_only=0');
      await cluster.sql('db2', 'DELETE FROM app.entries; DELETE FROM app.ledger');
      const other = await startWriter(cluster, { hosts: ['db2'], workers: 1 });
      await one.more(20);
      const lines = [...(await one.stop()), ...(await other.stop())].sort((a, b) => Number(BigInt(a.t) - BigInt(b.t)));
      const proof = await prove(cluster, lines, { servers: ['db1', 'db2'], level: false });
      expect(proof.overlaps.length).toBeGreaterThan(0);
      expect(proof.writable).toEqual(['db1', 'db2']);
    });
  });

  it('powers one host off and leaves the others alone', async () => {
    await withCluster({ servers: 2 }, async (cluster) => {
      const before = cluster.host('db2').server.pid();
      await cluster.killHost('db1');
      expect(cluster.host('db1').lab.processes()).toEqual([]);
      expect(cluster.host('db2').server.pid()).toBe(before);
      expect(await cluster.sql('db2', 'SELECT 1 AS one')).toEqual([{ one: '1' }]);
    });
  });

  it('cuts and heals links, both ways and one way', async ({ skip }) => {
    skip(noLinks !== undefined, noLinks);
    await withCluster({ servers: 2 }, async (cluster) => {
      expect(await connects(cluster, 'manager', 'db1')).toBe(0);
      await cluster.cut('manager', 'db1');
      expect(await connects(cluster, 'manager', 'db1')).toBe(2);
      expect(await connects(cluster, 'db2', 'db1')).toBe(0);
      await cluster.heal('manager', 'db1');
      expect(await connects(cluster, 'manager', 'db1')).toBe(0);
      await cluster.cut('db1', 'manager', 'to');
      expect(await connects(cluster, 'manager', 'db1')).toBe(2);
      await cluster.heal('db1', 'manager');
      await cluster.cut('db1');
      expect(await connects(cluster, 'db2', 'db1')).toBe(2);
      await cluster.heal('db1');
      expect(await connects(cluster, 'db2', 'db1')).toBe(0);
    });
  });

  it('restarts, supervises, freezes and wakes a server', async () => {
    await withCluster({ servers: 2 }, async (cluster) => {
      await cluster.killServer('db1');
      expect(await connects(cluster, 'manager', 'db1')).toBe(1);
      await cluster.startSupervised('db1', { restartDelayMs: 100 });
      const first = cluster.host('db1').server.pid();
      await cluster.killServer('db1');
      await cluster.host('db1').server.ready();
      expect(cluster.host('db1').server.pid()).not.toBe(first);
      cluster.freeze('db1');
      const late = cluster.sql('db1', 'SELECT 5 AS five');
      cluster.thaw('db1');
      expect(await late).toEqual([{ five: '5' }]);
    });
  });

  it('ends and starts sshd', async ({ skip }) => {
    skip(noLinks !== undefined, noLinks);
    await withCluster({ servers: 2 }, async (cluster) => {
      const ssh = [
        'ssh',
        '-o',
        'StrictHostKeyChecking=accept-new',
        '-o',
        'BatchMode=yes',
        'db2',
        'cat /proc/sys/kernel/hostname',
      ];
      expect((await runIn(cluster, 'manager', ssh)).stdout).toBe('db2\n');
      await cluster.killSshd('db2');
      expect((await runIn(cluster, 'manager', ssh)).code).toBe(255);
      await cluster.startSshd('db2');
      expect((await runIn(cluster, 'manager', ssh)).code).toBe(0);
    });
  });

  it('finds a password in an argument, a file and an output, and nothing where there is none', async () => {
    await withCluster({ servers: 1 }, async (cluster) => {
      const quiet = watchForCanary(cluster);
      await runIn(cluster, 'manager', ['true']);
      expect(quiet.stop('fine')).toEqual([]);
      const watch = watchForCanary(cluster);
      const go = join(cluster.workdir, 'go');
      const leaking = runIn(cluster, 'manager', [
        'sh',
        '-c',
        `until [ -e ${go} ]; do sleep 0.02; done; echo ${canary} >leak`,
      ]);
      await until(() => watch.seen(), { what: 'see the password in an argument', deadlineMs: 10_000 });
      await writeFile(go, '');
      await leaking;
      expect(watch.stop('fine', canary).map((place) => place.split(' ')[0])).toEqual(['cmdline', 'file', 'output']);
    });
  });

  it('passes a signal to the program itself', async () => {
    await withCluster({ servers: 1 }, async (cluster) => {
      const script = "process.on('SIGTERM', () => process.exit(42)); console.log('up'); setInterval(() => {}, 1000)";
      const child = cluster.spawnIn('manager', ['node', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (child.stdout) await once(child.stdout, 'data');
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([42, null]);
    });
  });

  it.each([...(noLinks === undefined ? (['namespaces'] as const) : []), 'loopback' as const])(
    'ends with its parent, even on SIGKILL, and the next run clears up (%s)',
    async (lab) => {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', parentScript, clusterModule, lab], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
      const pids = line.split(' ').map(Number);
      expect(pids.length).toBeGreaterThanOrEqual(4);
      expect(owners()).toContain(parent.pid);
      parent.kill('SIGKILL');
      const allGone = (): boolean => pids.every((pid) => stampOf(pid) === undefined);
      expect(await until(allGone, { what: 'see all processes end', deadlineMs: 10_000 })).toBe(true);
      await withCluster({ servers: 1 }, () => Promise.resolve());
      expect(owners()).not.toContain(parent.pid);
    },
  );
});

const clusterModule = join(checkout, 'dist', 'sandbox', 'cluster.js');
const parentScript = `const [module, lab] = process.argv.slice(1);
const { startCluster } = await import(module);
const cluster = await startCluster({ servers: 2, lab });
console.log(cluster.hosts.flatMap((host) => host.lab.processes()).join(' '));
setInterval(() => {}, 1000);`;

/** The processes that own a cluster's folder at this moment. */
function owners(): readonly number[] {
  return readdirSync(clustersFolder()).flatMap((name) => {
    const file = join(clustersFolder(), name, 'owner');
    return existsSync(file) ? [Number(readFileSync(file, 'utf8').split(' ')[0])] : [];
  });
}
