import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { until } from '../../src/sandbox/wait.js';
import { type Certificates, makeCertificates, removeCertificates, tell } from './support/channel-options.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { changesSent, recordStatements } from './support/general-log.js';
import { startProduct } from './support/product.js';
import { runSwitch } from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

const replicas = ['db2', 'db3', 'db4'];
/** Three ways to prove an account of caching_sha2_password. The last one works with a source that has seen it before. */
const ways = {
  db2: 'S_SSL=1',
  db3: 'S_SSL=0, GET_SOURCE_PUBLIC_KEY=1',
  db4: 'S_SSL=0, GET_SOURCE_PUBLIC_KEY=0',
} as const;

let tls: Certificates;
beforeAll(async () => {
  tls = await makeCertificates(['db1', ...replicas]);
});
afterAll(() => removeCertificates(tls));

/** From now on no server has seen any account's password. */
async function forgetPasswords(cluster: Cluster, names: readonly string[]): Promise<void> {
  for (const name of names) await cluster.sql(name, 'FLUSH NO_WRITE_TO_BINLOG PRIVILEGES');
}

async function untilRows(cluster: Cluster, name: string, count: number): Promise<void> {
  const arrived = async (): Promise<boolean> => {
    const rows = await cluster.sql(name, 'SELECT COUNT(*) AS n FROM app.t').catch(() => []);
    return rows[0]?.['n'] === String(count);
  };
  await until(arrived, { what: `see ${String(count)} rows on ${name}`, deadlineMs: 30_000 });
}

/** Two rows that are on the source's disk alone when it dies. */
async function dieWithTail(cluster: Cluster, before = ''): Promise<void> {
  await cluster.sql('db1', `${before}CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (1)`);
  for (const name of replicas) {
    await untilRows(cluster, name, 1);
    await stopReceiver(cluster, name);
  }
  await cluster.sql('db1', 'INSERT INTO app.t VALUES (2); INSERT INTO app.t VALUES (3)');
  await cluster.killServer('db1');
}

async function configure(cluster: Cluster, line: string): Promise<void> {
  const text = await readFile(cluster.confFile, 'utf8');
  await writeFile(cluster.confFile, text.replace('[server default]\n', `[server default]\n${line}\n`), { mode: 0o600 });
}

async function addressOfManager(cluster: Cluster): Promise<string> {
  const hosts = (await readFile(join(cluster.folder, 'hosts'), 'utf8')).split('\n');
  return hosts.find((line) => line.endsWith(' manager'))?.split(' ')[0] ?? '';
}

const failOver = ['failover', '--dead-master-host', 'db1', '--new-master', 'db2', '--yes'];

describeInMatrix('accounts of caching_sha2_password', () => {
  it('let the manager in, with and without TLS, and be it the first time', async (context) => {
    needFamily('mysql97', context);
    await withCluster({ family: 'mysql97', servers: 2 }, async (cluster) => {
      const { user } = cluster.accounts.admin;
      const demands = [
        'SELECT 1',
        `SET sql_log_bin=0; ALTER USER '${user}'@'%' REQUIRE SSL; SET sql_log_bin=1`,
        'SET GLOBAL require_secure_transport=ON',
      ];
      for (const demand of demands) {
        await cluster.sql('db1', demand);
        await forgetPasswords(cluster, ['db1', 'db2']);
        const run = startProduct(cluster, ['check-repl']);
        expect((await run.end()).code, `${demand}: ${run.text()}`).toBe(0);
      }
    });
  });

  it.for(isMatrix ? (['coordinates', 'gtid'] as const) : (['gtid'] as const))(
    'let replicas in at the recovery source and at a new source, each in its own way (%s)',
    async (mode, context) => {
      needFamily('mysql97', context);
      const conf = { confPerServer: { db1: { ignore_fail: 1 } } };
      await withCluster({ family: 'mysql97', mode, ...conf }, async (cluster) => {
        for (const [name, options] of Object.entries(ways)) await tell(cluster, name, 'db1', options);
        await dieWithTail(cluster, mode === 'gtid' ? "SET gtid_next='AUTOMATIC:blue'; " : '');
        await forgetPasswords(cluster, replicas);
        const failover = startProduct(cluster, failOver);
        expect((await failover.end()).code, failover.text()).toBe(0);
        for (const name of replicas) await untilRows(cluster, name, 3);

        await forgetPasswords(cluster, replicas);
        const run = await runSwitch(cluster, '--new-master', 'db3', '--yes');
        expect(run.code, run.stderr).toBe(0);
        await cluster.sql('db3', 'INSERT INTO app.t VALUES (4)');
        for (const name of replicas) await untilRows(cluster, name, 4);
        const closed = 'SELECT @@GLOBAL.super_read_only AS closed';
        for (const name of ['db2', 'db4']) expect((await cluster.sql(name, closed))[0]?.['closed']).toBe('1');
        expect((await cluster.sql('db3', closed))[0]?.['closed']).toBe('0');
      });
    },
  );
});

describeInMatrix('recovery_listen_address', () => {
  it.for(isMatrix ? (['mariadb', 'mysql97'] as const) : (['mariadb'] as const))(
    'TLS stays on over the network, though the certificate is another one (%s)',
    async (family, context) => {
      needFamily(family, context);
      const extraOptions = [`ssl_ca=${tls.ca}`, `ssl_cert=${tls.cert}`, `ssl_key=${tls.key}`];
      await withCluster({ family, mode: 'gtid', extraOptions }, async (cluster) => {
        await configure(cluster, `recovery_listen_address=${await addressOfManager(cluster)}`);
        const verifying = `S_SSL=1, S_SSL_CA='${tls.ca}', S_SSL_VERIFY_SERVER_CERT=1`;
        for (const name of replicas) await tell(cluster, name, 'db1', verifying);
        await dieWithTail(cluster);
        await recordStatements({ ...cluster, hosts: cluster.hosts.filter(({ name }) => name !== 'db1') });
        const failover = startProduct(cluster, failOver);
        expect((await failover.end()).code, failover.text()).toBe(0);
        for (const name of replicas) {
          await untilRows(cluster, name, 3);
          // MySQL writes a statement with a password down in its own spelling.
          const sent = (await changesSent(cluster, name)).map((text) => text.replaceAll(' = ', '='));
          const [first = '', last = ''] = sent.filter((text) => text.startsWith('CHANGE'));
          expect(first).toMatch(/_SSL_CA='', .*_SSL_VERIFY_SERVER_CERT=0/);
          expect(first).not.toMatch(/_SSL=0/);
          if (name !== 'db2') expect(last).toContain(`_SSL_CA='${tls.ca}'`);
        }
      });
    },
  );
});
