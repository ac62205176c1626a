import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { checkout } from '../../src/sandbox/places.js';
import { within } from '../../src/sandbox/wait.js';
import { journalOf } from './support/journal.js';
import { describeFamilies } from './support/families.js';
import { runIn } from './support/run-in.js';
import { withCluster } from './support/with-cluster.js';

const program = ['node', join(checkout, 'bin', 'run.js')];
const replicas = ['db2', 'db3', 'db4'];

function failover(cluster: Cluster): string[] {
  return [...program, 'failover', '--conf', cluster.confFile, '--dead-master-host', 'db1', '--yes', '--verbose'];
}

/**
 * Replicas at three places, rows that only the source's disk holds, and the source killed. They begin in another file: so
 * MariaDB's replicas apply them with several appliers, which is to be put back too.
 */
async function prepare(cluster: Cluster): Promise<number> {
  let rows = 0;
  const insert = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await cluster.sql('db1', `INSERT INTO app.kept VALUES (${String(++rows)}, 'x')`);
  };
  await cluster.sql('db1', 'CREATE TABLE app.kept (id INT PRIMARY KEY, v TEXT)');
  for (const name of replicas) {
    await insert(10);
    await stopReceiver(cluster, name);
  }
  await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await insert(10);
  await cluster.killServer('db1');
  return rows;
}

/** Runs a failover and kills it with SIGKILL as soon as it tells of the step. */
async function killAt(cluster: Cluster, words: RegExp): Promise<void> {
  const child = cluster.spawnIn('manager', failover(cluster), {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: cluster.workdir,
  });
  if (child.stderr === null) throw new Error('no stderr');
  const lines = createInterface({ input: child.stderr });
  const ended = once(child, 'exit');
  const seen: string[] = [];
  const met = (async () => {
    for await (const line of lines) {
      seen.push(line);
      if (words.test(line)) return true;
    }
    return false;
  })();
  expect(await within(met, 'the step', 60_000), seen.join('\n')).toBe(true);
  child.kill('SIGKILL');
  await within(ended, 'the end of the killed manager', 10_000);
}

async function rowsOn(cluster: Cluster, name: string): Promise<number> {
  const [row] = await cluster.sql(name, 'SELECT COUNT(*) AS n FROM app.kept');
  return Number(row?.['n']);
}

async function writable(cluster: Cluster): Promise<readonly string[]> {
  const seen = await Promise.all(
    replicas.map(async (name) => {
      const [row] = await cluster.sql(name, 'SELECT @@read_only AS closed');
      return Number(row?.['closed']) === 0 ? [name] : [];
    }),
  );
  return seen.flat();
}

const beforeOpening = [
  { step: 'after the receivers are stopped', words: /\[newest-replica\]/ },
  { step: 'when a replica follows the recovery source', words: /follow the recovery source \(/ },
  { step: 'when the new source is level', words: /record its own position \(/ },
];

describeFamilies('a manager that is killed in the middle', (family) => {
  it.each(beforeOpening)('$step: the next one puts back, starts over and loses nothing', async ({ words }) => {
    await withCluster({ family, mode: 'coordinates' }, async (cluster) => {
      const rows = await prepare(cluster);
      await killAt(cluster, words);
      expect(await writable(cluster)).toEqual([]);
      const second = await runIn(cluster, 'manager', failover(cluster));
      expect(second.code, second.stderr).toBe(0);
      expect(second.stderr).toContain('putting back what it had changed');
      for (const name of replicas) expect(await rowsOn(cluster, name)).toBe(rows);
      expect(await writable(cluster)).toHaveLength(1);
      if (family === 'mariadb') {
        expect(second.stderr).toContain('apply as before');
        for (const name of replicas)
          expect(await cluster.sql(name, 'SELECT @@slave_parallel_threads AS n')).toEqual([{ n: '0' }]);
      }
    });
  });

  it('after the new source was opened: the next one touches nothing and says what to look at', async () => {
    await withCluster({ family, mode: 'coordinates' }, async (cluster) => {
      const rows = await prepare(cluster);
      await killAt(cluster, /open for writes \(/);
      const second = await runIn(cluster, 'manager', failover(cluster));
      expect(second.code).toBe(1);
      expect(second.stderr).toContain('RUN_UNFINISHED');
      expect(second.stderr).toMatch(
        /who has executed mysql-bin\.\d+:\d+ of db1:3306 goes on from mysql-bin\.\d+:\d+ of/,
      );
      const [opened = ''] = await writable(cluster);
      expect(await rowsOn(cluster, opened)).toBe(rows);
    });
  });

  it('is not put back while somebody holds the locks of a run that is still at work', async () => {
    await withCluster({ family, mode: 'coordinates' }, async (cluster) => {
      await prepare(cluster);
      await killAt(cluster, /keep relay logs \(/);
      const [taken] = await cluster.sql('db2', "SELECT GET_LOCK('MHA_Master_High_Availability_Failover', 10) AS taken");
      expect(Number(taken?.['taken'])).toBe(1);
      const second = await runIn(cluster, 'manager', failover(cluster));
      expect(second.code, second.stderr).toBe(1);
      expect(second.stderr).toContain('LOCK_HELD');
      await cluster.sql('db2', "SELECT RELEASE_LOCK('MHA_Master_High_Availability_Failover')");
      const third = await runIn(cluster, 'manager', failover(cluster));
      expect(third.code, third.stderr).toBe(0);
    });
  });
});

describeFamilies('the journal', (family) => {
  it('knows each step before the world does', async () => {
    await withCluster({ family, mode: 'coordinates' }, async (cluster) => {
      await prepare(cluster);
      const run = await runIn(cluster, 'manager', [...failover(cluster), '--json']);
      expect(run.code, run.stderr).toBe(0);
      const { report } = JSON.parse(run.stdout) as { report: string };
      const entries = journalOf(dirname(report));
      const done = entries.flatMap(({ what, step }, index) =>
        what === 'done' && step !== undefined ? [{ step, index }] : [],
      );
      expect(done.length).toBeGreaterThan(10);
      for (const { step, index } of done) {
        const intended = entries.findIndex((entry) => entry.what === 'intend' && entry.step === step);
        expect(intended, step).toBeGreaterThanOrEqual(0);
        expect(intended, step).toBeLessThan(index);
      }
      expect(entries.at(-1)?.what).toBe('end');
    });
  });
});
