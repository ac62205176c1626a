import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import type { ReplicationMode } from '../../src/sandbox/family/family.js';
import { until } from '../../src/sandbox/wait.js';
import { channelRow, dumpsOf, follow, forget, onChannel, untilRunning } from './support/channels.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { changesSent, recordStatements } from './support/general-log.js';
import { startProduct } from './support/product.js';
import { runSwitch } from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

/** A source of its own that the configuration does not know. */
const stranger = 'db5';
/** By which channel each replica follows db1, and by which one db5. db2 follows db1 alone. */
const channels: readonly { readonly name: string; readonly main: string; readonly other?: string }[] = [
  { name: 'db2', main: 'main' },
  { name: 'db3', main: 'main', other: '' },
  { name: 'db4', main: '', other: 'other' },
];

const cases = (isMatrix ? (['mariadb', 'mysql97'] as const) : (['mariadb'] as const)).flatMap((family) =>
  (['coordinates', 'gtid'] as const).map((mode) => [family, mode] as const),
);

async function setUp(cluster: Cluster, mode: ReplicationMode): Promise<void> {
  const table = 'CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY)';
  await cluster.sql('db1', `${table}; CREATE TABLE app.t (id INT PRIMARY KEY)`);
  for (const { name } of channels) await untilRows(cluster, name, 'app.t', 0);
  for (const { name } of channels) await forget(cluster, name);
  await cluster.sql(stranger, 'SET GLOBAL read_only=0');
  await untilRows(cluster, stranger, 'app.t', 0);
  await forget(cluster, stranger);
  for (const { name, main, other } of channels) {
    await follow(cluster, name, 'db1', main, mode);
    if (other !== undefined) await follow(cluster, name, stranger, other, 'coordinates');
  }
  const blocks = (await readFile(cluster.confFile, 'utf8')).split(/(?=^\[)/m);
  // By its own line: a password may hold the same letters by chance.
  const known = blocks.filter((block) => !block.includes(`\nhostname=${stranger}\n`));
  expect(known).toHaveLength(blocks.length - 1);
  await writeFile(cluster.confFile, known.join(''), { mode: 0o600 });
}

async function untilRows(cluster: Cluster, name: string, table: string, count: number): Promise<void> {
  const arrived = async (): Promise<boolean> => {
    const rows = await cluster.sql(name, `SELECT COUNT(*) AS n FROM ${table}`).catch(() => []);
    return rows[0]?.['n'] === String(count);
  };
  await until(arrived, { what: `see ${String(count)} rows of ${table} on ${name}`, deadlineMs: 30_000 });
}

/** Every statement that stops, starts, changes or resets a channel says which, and means this one. */
async function expectOnly(cluster: Cluster, name: string, channel: string): Promise<void> {
  const sent = (await changesSent(cluster, name)).filter((text) => /^(STOP|START|CHANGE|RESET) /.test(text));
  expect(sent.length).toBeGreaterThan(0);
  for (const text of sent) {
    const named = cluster.family.name === 'mariadb' ? / (?:SLAVE|MASTER) '([^']*)'/ : / FOR CHANNEL '([^']*)'$/;
    // Without a name MariaDB means the default connection, and only that.
    expect(named.exec(text)?.[1] ?? (cluster.family.name === 'mariadb' ? '' : undefined), text).toBe(channel);
  }
}

describeInMatrix('of a replica with several channels', () => {
  it.for(cases)('only the one in question is touched (%s, %s)', async ([family, mode], context) => {
    needFamily(family, context);
    const perServer = family === 'mariadb' ? { [stranger]: ['gtid_domain_id=5'] } : {};
    const confPerServer = { db1: { ignore_fail: 1 } };
    await withCluster(
      { family, mode, servers: 5, logReplicaUpdates: true, perServer, confPerServer },
      async (cluster) => {
        await setUp(cluster, mode);
        await cluster.sql('db1', 'INSERT INTO app.t VALUES (1)');
        await cluster.sql(stranger, 'INSERT INTO other.t VALUES (1)');
        for (const { name, main, other } of channels) {
          await untilRows(cluster, name, 'app.t', 1);
          if (other !== undefined) await untilRows(cluster, name, 'other.t', 1);
          await cluster.sql(name, onChannel(cluster, 'STOP', main, ' IO_THREAD'));
        }
        await cluster.sql('db1', 'INSERT INTO app.t VALUES (2); INSERT INTO app.t VALUES (3)');
        await cluster.killServer('db1');
        await recordStatements({ ...cluster, hosts: cluster.hosts.filter(({ name }) => name !== 'db1') });
        const dumps = await dumpsOf(cluster, stranger);
        expect(dumps).toHaveLength(2);

        const failover = startProduct(cluster, [
          'failover',
          '--dead-master-host',
          'db1',
          '--new-master',
          'db2',
          '--yes',
        ]);
        expect((await failover.end()).code, failover.text()).toBe(0);
        for (const { name, main, other } of channels) {
          await untilRows(cluster, name, 'app.t', 3);
          await expectOnly(cluster, name, main);
          if (other !== undefined) await untilRunning(cluster, name, main);
        }
        expect(await channelRow(cluster, 'db2', 'main')).toBeUndefined();
        expect(await dumpsOf(cluster, stranger)).toEqual(dumps);

        const run = await runSwitch(cluster, '--new-master', 'db3', '--yes');
        expect(run.code, run.stderr).toBe(0);
        expect(await channelRow(cluster, 'db3', 'main')).toBeUndefined();
        await untilRunning(cluster, 'db2', 'main');
        await untilRunning(cluster, 'db4', '');
        expect(await dumpsOf(cluster, stranger)).toEqual(dumps);
        await cluster.sql('db3', 'INSERT INTO app.t VALUES (4)');
        await cluster.sql(stranger, 'INSERT INTO other.t VALUES (2)');
        for (const { name } of channels) await untilRows(cluster, name, 'app.t', 4);
        for (const name of ['db3', 'db4']) await untilRows(cluster, name, 'other.t', 2);
      },
    );
  });
});
