import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { familyNames, type FamilyName, type ReplicationMode } from '../../src/sandbox/family/family.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { until } from '../../src/sandbox/wait.js';
import {
  type Certificates,
  everyOption,
  makeCertificates,
  removeCertificates,
  type Shown,
  tell,
  whatItShows,
} from './support/channel-options.js';
import { describeInMatrix, isMatrix, needFamily } from './support/families.js';
import { startProduct } from './support/product.js';
import { runSwitch } from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

const replicas = ['db2', 'db3', 'db4'];
const cases = (isMatrix ? familyNames : (['mariadb'] as const)).flatMap((family) =>
  (['coordinates', 'gtid'] as const).map((mode) => [family, mode] as const),
);

let tls: Certificates;
beforeAll(async () => {
  tls = await makeCertificates(['db1', ...replicas]);
});
afterAll(() => removeCertificates(tls));

/** What only one family can be told, and only where it is not what `everyOption` says. */
function ownFlavour(family: FamilyName, mode: ReplicationMode): string {
  return family === 'mariadb' && mode === 'gtid' ? ', MASTER_USE_GTID=current_pos' : '';
}

async function tellAll(cluster: Cluster, family: FamilyName, mode: ReplicationMode): Promise<void> {
  if (family === 'mysql97') {
    await cluster.sql(
      'db1',
      "CREATE USER 'applier'@'%'; GRANT REPLICATION_APPLIER, SESSION_VARIABLES_ADMIN ON *.* TO 'applier'@'%'",
    );
    await cluster.sql('db1', "GRANT ALL ON app.* TO 'applier'@'%'");
    for (const name of replicas) await drained(cluster, name);
  }
  const options = everyOption(family, mode, tls);
  for (const name of replicas) await tell(cluster, name, 'db1', options);
  // One is delayed, where such a one can be repointed, and keeps its relay log; it never leads.
  const late = family === 'mysql97' || mode === 'gtid' ? ', S_DELAY=1' : '';
  await tell(cluster, 'db4', 'db1', `${options}${late}${ownFlavour(family, mode)}`);
  await cluster.sql('db4', 'SET GLOBAL relay_log_purge=0');
}

/** Rows that are on the source's disk alone when it dies. */
async function dieWithTail(cluster: Cluster): Promise<void> {
  await cluster.sql('db1', 'CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (1)');
  for (const name of replicas) {
    await untilRows(cluster, name, 1);
    await stopReceiver(cluster, name);
  }
  await cluster.sql('db1', 'INSERT INTO app.t VALUES (2); INSERT INTO app.t VALUES (3)');
  await cluster.killServer('db1');
}

async function untilRows(cluster: Cluster, name: string, count: number): Promise<void> {
  const arrived = async (): Promise<boolean> => {
    const rows = await cluster.sql(name, 'SELECT COUNT(*) AS n FROM app.t').catch(() => []);
    return rows[0]?.['n'] === String(count);
  };
  await until(arrived, { what: `see ${String(count)} rows on ${name}`, deadlineMs: 30_000 });
}

/** Writes the wish into the configuration, in place of an earlier one. */
async function ask(cluster: Cluster, wish: number): Promise<void> {
  const text = (await readFile(cluster.confFile, 'utf8')).replace(/^use_gtid_auto_pos=.*\n/m, '');
  const line = `[server default]\nuse_gtid_auto_pos=${String(wish)}\n`;
  await writeFile(cluster.confFile, text.replace('[server default]\n', line), { mode: 0o600 });
}

/** What belongs to one host stays there: its own lists, delay and relay log are not the old source's. */
const ofOneHost =
  /SQL_Delay|DESIRED_DELAY|relay_log_purge|Ignore_(Server|Domain)_Ids|AUTO_FAILOVER|auto_failover|Master_Info_File/;

function shared(shown: Shown): Shown {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => !ofOneHost.test(name)));
}

describeInMatrix('repointing keeps what the replica had', () => {
  it.for(cases)('through a failover and a switch (%s, %s)', async ([family, mode], context) => {
    needFamily(family, context);
    const options = {
      family,
      mode,
      logReplicaUpdates: true,
      extraOptions: family === 'mysql56' ? [] : [`ssl_ca=${tls.ca}`, `ssl_cert=${tls.cert}`, `ssl_key=${tls.key}`],
      confPerServer: { db1: { ignore_fail: 1 } },
    };
    await withCluster(options, async (cluster) => {
      await tellAll(cluster, family, mode);
      const before = new Map<string, Shown>();
      for (const name of replicas) before.set(name, await whatItShows(cluster, name));

      await dieWithTail(cluster);
      const failover = startProduct(cluster, ['failover', '--dead-master-host', 'db1', '--new-master', 'db2', '--yes']);
      expect((await failover.end()).code, failover.text()).toBe(0);
      for (const name of ['db3', 'db4']) {
        expect(await whatItShows(cluster, name)).toEqual(before.get(name));
        await untilRows(cluster, name, 3);
      }

      const run = await runSwitch(cluster, '--new-master', 'db3', '--yes');
      expect(run.code, run.stderr).toBe(0);
      expect(await whatItShows(cluster, 'db4')).toEqual(before.get('db4'));
      expect(shared(await whatItShows(cluster, 'db2'))).toEqual(shared(before.get('db3') ?? {}));
      await cluster.sql('db3', 'INSERT INTO app.t VALUES (4)');
      for (const name of ['db2', 'db4']) await untilRows(cluster, name, 4);
    });
  });

  it.for(isMatrix ? (['mariadb', 'mysql97'] as const) : (['mariadb'] as const))(
    'but the mode that use_gtid_auto_pos asks for (%s)',
    async (family, context) => {
      needFamily(family, context);
      const extraOptions = family === 'mysql97' ? ['gtid_mode=ON', 'enforce_gtid_consistency=ON'] : [];
      await withCluster({ family, servers: 3, logReplicaUpdates: true, extraOptions }, async (cluster) => {
        await cluster.sql('db1', 'CREATE TABLE app.t (id INT PRIMARY KEY)');
        for (const name of ['db2', 'db3']) await untilRows(cluster, name, 0);
        for (const [wish, source, others, mode] of [
          [1, 'db2', ['db1', 'db3'], 'gtid'],
          [0, 'db1', ['db2', 'db3'], 'coordinates'],
        ] as const) {
          await ask(cluster, wish);
          const run = await runSwitch(cluster, '--new-master', source, '--yes');
          expect(run.code, run.stderr).toBe(0);
          await cluster.sql(source, `INSERT INTO app.t VALUES (${String(wish)})`);
          for (const name of others) {
            expect(await readReplicaStatus(cluster.host(name).server)).toMatchObject({ mode });
            await untilRows(cluster, name, 2 - wish);
          }
        }
      });
    },
  );
});
