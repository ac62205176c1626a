import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { waitForLevel } from '../../src/sandbox/proof-reader.js';
import { replicationRuns } from '../../src/sandbox/replication.js';
import { startReceiver, stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { until } from '../../src/sandbox/wait.js';
import { startOldName, startProduct } from './support/product.js';
import { isWritable, onStage } from './support/proof.js';
import { describeInMatrix } from './support/families.js';
import { sessionOn } from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

type Keys = Readonly<Record<string, string | number>>;
/** More keys for the servers' blocks, by host; `all` is for the defaults. */
type Wishes = Readonly<Partial<Record<'all' | 'db2' | 'db3' | 'db4', Keys>>>;

const blocks = { all: '[server default]', db2: '[server2]', db3: '[server3]', db4: '[server4]' } as const;
const candidate = { candidate_master: 1 };
const never = { no_master: 1 };

/** Writes the configuration as it was at first, with these wishes. */
function configurator(cluster: Cluster): (wishes: Wishes, change?: (text: string) => string) => void {
  const original = readFileSync(cluster.confFile, 'utf8');
  return (wishes, change = (text) => text) => {
    let text = original;
    for (const [host, keys] of Object.entries(wishes)) {
      const block = Object.entries(blocks).find(([name]) => name === host)?.[1] ?? '';
      const lines = Object.entries(keys).map(([key, value]) => `${key}=${String(value)}\n`);
      text = text.replace(`${block}\n`, `${block}\n${lines.join('')}`);
    }
    writeFileSync(cluster.confFile, change(text), { mode: 0o600 });
  };
}

/** The server that a dry run would go to, or how it refuses. */
async function elected(cluster: Cluster, ...words: readonly string[]): Promise<unknown> {
  const run = startProduct(cluster, [...words, '--dry-run', '--json']);
  const { stdout, stderr } = await run.end();
  const json: unknown = JSON.parse(stdout);
  if (typeof json !== 'object' || json === null) throw new Error(stdout + stderr);
  return 'to' in json ? json.to : JSON.stringify(json);
}

const failingOver = ['failover', '--dead-master-host', 'db1'];

const refusedWith = (code: string, why: string): unknown =>
  expect.stringMatching(new RegExp(`"code":"${code}".*${why}`));

/** The replica has less than the others, and does not ask for more. */
async function leaveBehind(cluster: Cluster, name: string, { byFile }: { readonly byFile: boolean }): Promise<void> {
  await stopReceiver(cluster, name);
  if (byFile) await cluster.sql('db1', 'FLUSH BINARY LOGS');
  await cluster.sql('db1', 'CREATE TABLE IF NOT EXISTS app.more (id INT PRIMARY KEY AUTO_INCREMENT)');
  await cluster.sql('db1', 'INSERT INTO app.more VALUES ()');
  const others = cluster.hosts.map((host) => host.name).filter((host) => host !== name);
  expect(await waitForLevel(cluster, others)).toEqual([]);
}

describeInMatrix('who becomes the source', () => {
  it('is a matter of candidate_master, no_master, latest_priority, check_repl_delay and the order of the file', async () => {
    await withCluster({}, async (cluster) => {
      const configure = configurator(cluster);
      await leaveBehind(cluster, 'db2', { byFile: false });
      const sameFile: readonly (readonly [Wishes, string])[] = [
        // db3 and db4 have the most.
        [{}, 'db3:3306'],
        [{ db4: candidate }, 'db4:3306'],
        [{ db2: candidate, db4: candidate }, 'db4:3306'],
        [{ db2: candidate }, 'db2:3306'],
        [{ all: { latest_priority: 0 } }, 'db2:3306'],
        [{ all: { latest_priority: 0 }, db2: candidate, db4: candidate }, 'db2:3306'],
        [{ all: { latest_priority: 0 }, db4: candidate }, 'db4:3306'],
        [{ db3: never }, 'db4:3306'],
        [{ db3: { ...candidate, ...never } }, 'db4:3306'],
        [{ db3: never, db4: never }, 'db2:3306'],
        // MHA ignores it there: it would be everybody's.
        [{ all: candidate }, 'db3:3306'],
      ];
      for (const [wishes, to] of sameFile) {
        configure(wishes);
        expect(await elected(cluster, ...failingOver), JSON.stringify(wishes)).toBe(to);
      }
      configure({ db2: never, db3: never, db4: never });
      expect(await elected(cluster, ...failingOver)).toEqual(refusedWith('NOBODY_TO_PROMOTE', 'no_master=1'));
      configure({ db3: never });
      expect(await elected(cluster, ...failingOver, '--new-master', 'db3')).toEqual(
        refusedWith('NOBODY_TO_PROMOTE', 'no_master=1'),
      );
      // The order is that of the blocks' numbers.
      configure({}, (text) => text.replace('[server3]', '[server30]'));
      expect(await elected(cluster, ...failingOver)).toBe('db4:3306');

      await startReceiver(cluster, 'db2');
      await replicationRuns(cluster.host('db2').server, 'db2');
      await leaveBehind(cluster, 'db2', { byFile: true });
      const fileBehind: readonly (readonly [Wishes, string])[] = [
        [{ db2: candidate }, 'db3:3306'],
        [{ db2: { ...candidate, check_repl_delay: 0 } }, 'db2:3306'],
        [{ all: { check_repl_delay: 0 }, db2: candidate }, 'db2:3306'],
        [{ all: { latest_priority: 0 } }, 'db3:3306'],
        [{ all: { latest_priority: 0, check_repl_delay: 0 } }, 'db2:3306'],
        // Better late than never.
        [{ db3: never, db4: never }, 'db2:3306'],
      ];
      for (const [wishes, to] of fileBehind) {
        configure(wishes);
        expect(await elected(cluster, ...failingOver), JSON.stringify(wishes)).toBe(to);
      }
      configure({});
      expect(await elected(cluster, ...failingOver, '--new-master', 'db2')).toBe('db2:3306');

      // What was said is what is done.
      configure({ db2: candidate, db4: { ...candidate, ...never } });
      await cluster.killServer('db1');
      expect(await elected(cluster, ...failingOver)).toBe('db3:3306');
      const { code, stderr } = await startProduct(cluster, [...failingOver, '--yes']).end();
      expect(code, stderr).toBe(0);
      expect(await isWritable(cluster, 'db3')).toBe(true);
    });
  });

  it('in a switch as well; filters that differ are refused, and marks of an earlier failover are minded', async () => {
    await withCluster({}, async (cluster) => {
      const configure = configurator(cluster);
      const combinations: readonly (readonly [Wishes, string])[] = [
        [{}, 'db2:3306'],
        [{ db2: never }, 'db3:3306'],
        [{ db4: candidate, db3: candidate }, 'db3:3306'],
        [{ db4: candidate, db3: { ...candidate, ...never } }, 'db4:3306'],
      ];
      for (const [wishes, to] of combinations) {
        configure(wishes);
        expect(await elected(cluster, 'switch'), JSON.stringify(wishes)).toBe(to);
      }
      await refusesUnequalFilters(cluster, configure);
      configure({});
      await cluster.killServer('db1');
      await mindsMarks(cluster);
    });
  });

  // Of MySQL 9.7's, which are parallel, the status of replication shows the coordinator only.
  it.each(['mariadb', 'mysql97'] as const)(
    'is not the preferred one while somebody’s lock holds its applier (%s)',
    async (family) => {
      const conf = { applier_stall_seconds: 2 };
      const shape = { family, mode: 'coordinates', conf, confPerServer: { db2: candidate } } as const;
      await onStage(shape, async (stage) => {
        const { cluster, writer } = stage;
        const manager = await stage.manager();
        const backup = await sessionOn(cluster, 'db2');
        await backup.query('FLUSH TABLES WITH READ LOCK');
        await writer.more(100);
        await stage.killSource();
        expect((await manager.end()).code, manager.text()).toBe(10);
        await writer.more(50);
        backup.close();
        const { run, proof } = await stage.judge({ servers: ['db3', 'db4'] });
        expect(proof.problems).toEqual([]);
        expect(run?.report).toMatchObject({
          newSource: 'db3:3306',
          unfit: [{ server: 'db2:3306', why: expect.stringContaining('held by a lock') as string }],
        });
      });
    },
  );
});

async function refusesUnequalFilters(cluster: Cluster, configure: (wishes: Wishes) => void): Promise<void> {
  const filter = (tables: string): Promise<unknown> =>
    cluster.sql('db3', `STOP SLAVE; SET GLOBAL replicate_ignore_table='${tables}'; START SLAVE`);
  await filter('app.private');
  await replicationRuns(cluster.host('db3').server, 'db3');
  configure({});
  const conf = `--conf=${cluster.confFile}`;
  const check = await startOldName(cluster, 'masterha_check_repl', [conf]).end();
  expect([check.code, check.stdout]).toEqual([1, expect.stringContaining('replicate_ignore_table differs')]);
  expect(await elected(cluster, 'switch')).toEqual(refusedWith('PREFLIGHT_REFUSED', 'replicate_ignore_table differs'));
  const manager = await startOldName(cluster, 'masterha_manager', [conf]).end();
  expect(manager.code).toBe(1);
  expect(manager.stderr).toContain('replicate_ignore_table differs');
  configure({ all: { check_repl_filter: 0 } });
  expect(await elected(cluster, 'switch')).toBe('db2:3306');
  expect((await startOldName(cluster, 'masterha_check_repl', [conf]).end()).code).toBe(0);
  await filter('');
  await replicationRuns(cluster.host('db3').server, 'db3');
}

/** From 100 minutes ago: too recent by default, old enough where the command line says so. */
async function mindsMarks(cluster: Cluster): Promise<void> {
  const mark = (name: string): string => join(cluster.workdir, `app1.failover.${name}`);
  const failOver = async (...words: readonly string[]): Promise<readonly [number | null, string]> => {
    const dead = ['--master_state=dead', '--dead_master_host=db1', '--interactive=0', '--skip_change_master'];
    const argv = [`--conf=${cluster.confFile}`, ...dead, '--skip_disable_read_only', ...words];
    const { code, stderr } = await startOldName(cluster, 'masterha_master_switch', argv).end();
    return [code, stderr];
  };
  const past = new Date(Date.now() - 100 * 60_000);
  await writeFile(mark('complete'), '');
  await utimes(mark('complete'), past, past);
  const tooRecent = [1, expect.stringMatching(/LAST_FAILOVER_TOO_RECENT: .*100 min/)];
  expect(await failOver()).toEqual(tooRecent);
  expect(await failOver('--last_failover_minute=120')).toEqual(tooRecent);
  await writeFile(mark('error'), '');
  expect(await failOver('--last_failover_minute=60')).toEqual([1, expect.stringContaining('LAST_FAILOVER_FAILED')]);
  expect(existsSync(mark('complete'))).toBe(true);
  await rm(mark('error'));

  expect(await failOver('--last_failover_minute=60')).toEqual([0, expect.any(String)]);
  const fresh = await stat(mark('complete'));
  expect(fresh.mtimeMs).toBeGreaterThan(past.getTime() + 60_000);
  // The next one is too early, unless that is not minded: then both marks go before anything else.
  expect(await failOver()).toEqual([1, expect.stringContaining('LAST_FAILOVER_TOO_RECENT')]);
  await writeFile(mark('error'), '');
  expect(await failOver('--ignore_last_failover')).toEqual([0, expect.any(String)]);
  await until(() => !existsSync(mark('error')), { what: 'see the mark go', deadlineMs: 1_000 });
  expect((await stat(mark('complete'))).mtimeMs).toBeGreaterThan(fresh.mtimeMs);
}
