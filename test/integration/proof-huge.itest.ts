import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { type FamilyName, familyNames } from '../../src/sandbox/family/family.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { bulkRows } from './support/bulk.js';
import { binlogsOf } from './support/dead-disk.js';
import { describeInMatrix, needFamily } from './support/families.js';
import { startProduct } from './support/product.js';
import { withCluster } from './support/with-cluster.js';

const gibibyte = 2 ** 30;
/** Rows of 1 MiB in one statement: below every server's default limit of a packet. */
const atOnce = 16;
/** Far more than 4 GiB should take, on a machine that has other work as well. */
const patienceMs = 900_000;

/** One transaction of so many MiB, and a small one behind it. */
async function writeHuge(cluster: Cluster, mebibytes: number): Promise<void> {
  const statements = Array.from({ length: Math.ceil(mebibytes / atOnce) }, (_, index) =>
    bulkRows('bulk.huge', index * atOnce + 1, (index + 1) * atOnce),
  );
  await cluster.sql('db1', `BEGIN; ${statements.join('; ')}; COMMIT`);
  await cluster.sql('db1', "INSERT INTO bulk.huge VALUES (0, 'behind it')");
}

async function contentOf(cluster: Cluster, name: string): Promise<unknown> {
  const [row] = await cluster.sql(name, 'SELECT COUNT(*) AS n, SUM(CRC32(body)) AS sum FROM bulk.huge');
  return row;
}

function largestLog(cluster: Cluster): number {
  return Math.max(...binlogsOf(cluster, 'db1').map((file) => statSync(file).size));
}

/** The transaction is on the dead disk alone, and a single replica gets it. */
async function rescue(family: FamilyName, mebibytes: number): Promise<void> {
  await withCluster({ family, servers: 2, confPerServer: { db1: { ignore_fail: 1 } } }, async (cluster) => {
    await cluster.sql('db1', 'CREATE DATABASE bulk; CREATE TABLE bulk.huge (id INT PRIMARY KEY, body LONGBLOB)');
    await drained(cluster, 'db2');
    await stopReceiver(cluster, 'db2');
    await writeHuge(cluster, mebibytes);
    const written = await contentOf(cluster, 'db1');
    expect(largestLog(cluster)).toBeGreaterThan(mebibytes * 1024 * 1024);
    await cluster.killServer('db1');
    const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--yes'], patienceMs);
    expect((await failover.end(patienceMs)).code, failover.text()).toBe(0);
    expect(await contentOf(cluster, 'db2')).toEqual(written);
    const [row] = await cluster.sql('db2', 'SELECT @@read_only AS closed');
    expect(row?.['closed']).toBe('0');
  });
}

describeInMatrix('a transaction that is huge', () => {
  it.for(familyNames)('of 1 GiB is rescued whole (%s)', async (family, context) => {
    needFamily(family, context);
    await rescue(family, gibibyte / 2 ** 20);
  });

  it(
    'makes a binary log of more than 4 GiB, past what its own positions can say',
    { timeout: 2 * patienceMs },
    async ({ skip }) => {
      skip(process.env['MHA_TS_HUGE'] !== '1', 'takes 40 GiB of disk: MHA_TS_HUGE=1 asks for it');
      await rescue('mariadb', 4.2 * 1024);
    },
  );
});
