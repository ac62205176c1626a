import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import type { SqlDoor } from '../../src/sandbox/database.js';
import { prove } from '../../src/sandbox/proof.js';
import { readReplicaStatus, type ReplicaStatus } from '../../src/sandbox/replica-status.js';
import { until } from '../../src/sandbox/wait.js';
import { startWriter, type Writer } from '../../src/sandbox/writer.js';
import { watchForCanary } from './support/canary.js';
import { describeFamilies, isMatrix, modes } from './support/families.js';
import { journalOf } from './support/journal.js';
import { whyNoLinks } from './support/lab.js';
import { isWritable } from './support/proof.js';
import { runIn } from './support/run-in.js';
import { changesSent, recordStatements, settled } from './support/general-log.js';
import {
  type Gate,
  type Gates,
  placeGates,
  runSwitch,
  sessionOn,
  startSwitch,
  type SwitchRun,
} from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

interface ShownStep {
  readonly id: string;
  readonly does: readonly string[];
}

/** The statements of a dry run for one server, in the order of the plan. */
function shownFor(name: string, { json }: SwitchRun): readonly string[] {
  const steps = json['steps'] as readonly ShownStep[];
  return steps
    .filter(({ id }) => id.split(':')[1] === name)
    .flatMap(({ does }) => does)
    .filter((line) => /^(SET|STOP|START|CHANGE|RESET|FLUSH|UNLOCK) /.test(line));
}

const namesOf = (cluster: Cluster): readonly string[] => cluster.hosts.map(({ name }) => name);

/** No row lost or twice, the servers identical, and exactly this one takes writes. */
async function expectProven(
  cluster: Cluster,
  writer: Writer,
  writable: string,
  expectation: { readonly servers?: readonly string[]; readonly returns?: number } = {},
): Promise<void> {
  const proof = await prove(cluster, await writer.stop(), { servers: namesOf(cluster), ...expectation });
  expect(proof.problems).toEqual([]);
  expect(proof.writable).toEqual([writable]);
}

/** A writer that knows of two servers, and the site's script with some of its gates open. */
async function rehearse(
  cluster: Cluster,
  next: string,
  ...open: readonly Gate[]
): Promise<{ readonly gates: Gates; readonly writer: Writer }> {
  const gates = await placeGates(cluster);
  for (const gate of open) await gates.open(gate);
  return { gates, writer: await startWriter(cluster, { ratePerWorker: 100, hosts: ['db1', next] }) };
}

/** A session with a transaction that has changed something. */
async function openTransaction(cluster: Cluster): Promise<SqlDoor> {
  await cluster.sql('db1', 'CREATE TABLE app.held (a INT) ENGINE=InnoDB');
  const session = await sessionOn(cluster, 'db1');
  await session.query('BEGIN; INSERT INTO app.held VALUES (7)');
  return session;
}

const statusOf = (cluster: Cluster, name: string): Promise<ReplicaStatus | undefined> =>
  readReplicaStatus(cluster.host(name).server);

async function followedBy(cluster: Cluster, name: string): Promise<string | undefined> {
  const address = (await statusOf(cluster, name))?.sourceHost;
  return cluster.hosts.find((host) => host.name === address || host.address === address)?.name;
}

/** What the manager's kernel still had to deliver has been delivered or dropped; it tries for half a minute and more. */
async function untilNothingIsUnderWay(cluster: Cluster, name: string): Promise<void> {
  const { address } = cluster.host(name);
  const quiet = async (): Promise<boolean> =>
    (await runIn(cluster, 'manager', ['ss', '-Htn', 'dst', address])).stdout.trim() === '';
  await until(quiet, { what: 'see all connections end', deadlineMs: 180_000, everyMs: 500 });
}

/** Whether the newest run's journal says that it begins this step. */
function intends(cluster: Cluster, step: string): boolean {
  const folder = readdirSync(cluster.workdir)
    .filter((name) => name.endsWith('-switch'))
    .sort()
    .at(-1);
  if (folder === undefined) return false;
  return journalOf(join(cluster.workdir, folder)).some((line) => line.what === 'intend' && line.step === step);
}

describeFamilies('a planned switch', (family) => {
  it('lets the old source follow last, so that a late replica gets nothing through it that it will be given again', async () => {
    const shape = { family, servers: 3, mode: 'coordinates', logReplicaUpdates: true } as const;
    await withCluster(shape, async (cluster) => {
      const writer = await startWriter(cluster, { ratePerWorker: 100 });
      const late = await sessionOn(cluster, 'db3');
      await late.query('FLUSH TABLES WITH READ LOCK');
      await writer.more(50);
      const switching = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await until(() => isWritable(cluster, 'db2'), { what: 'see db2 opened', deadlineMs: 60_000 });
      await writer.more(100);
      await late.query('UNLOCK TABLES');
      late.close();
      const run = await switching.ended;
      expect(run.code, run.stderr).toBe(0);
      for (const name of ['db1', 'db3']) expect(await followedBy(cluster, name)).toBe('db2');
      await writer.more(50);
      await expectProven(cluster, writer, 'db2');
    });
  });

  it.each(modes)('says what it will do, does exactly that, and back again (%s)', async (mode) => {
    await withCluster({ family, mode }, async (cluster) => {
      const canary = watchForCanary(cluster);
      await recordStatements(cluster);
      const writer = await startWriter(cluster, { ratePerWorker: 100, mix: 'varied' });
      await writer.more(100);

      const plan = await runSwitch(cluster, '--new-master', 'db2', '--dry-run');
      expect(plan.code, plan.stderr).toBe(0);
      for (const name of namesOf(cluster)) expect(await changesSent(cluster, name)).toEqual([]);
      expect(readdirSync(cluster.workdir)).toEqual([]);

      const run = await runSwitch(cluster, '--new-master', 'db2', '--yes');
      expect(run.code, run.stderr).toBe(0);
      expect(run.json).toMatchObject({ exit: 0, oldSource: 'db1:3306', newSource: 'db2:3306', losses: [], ended: [] });
      for (const name of namesOf(cluster)) {
        const sent = await changesSent(cluster, name);
        expect(sent.map(settled)).toEqual(shownFor(name, plan).map(settled));
        expect(sent.length).toBeGreaterThan(0);
      }
      for (const name of ['db1', 'db3', 'db4']) expect(await followedBy(cluster, name)).toBe('db2');
      expect((await statusOf(cluster, 'db1'))?.mode).toBe(mode);
      expect(await statusOf(cluster, 'db2')).toBeUndefined();
      await writer.more(100);

      const back = await runSwitch(cluster, '--new-master', 'db1', '--yes');
      expect(back.code, back.stderr).toBe(0);
      await writer.more(100);
      await expectProven(cluster, writer, 'db1', { returns: 1 });
      expect(canary.stop(run.stdout, run.stderr, plan.stdout, plan.stderr)).toEqual([]);
    });
  });

  it.each(modes)('waits for a transaction, and leaves the old source out when told to (%s)', async (mode) => {
    await withCluster({ family, mode, conf: { switch_drain_seconds: 60 } }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db2', 'stop', 'start');
      const open = await openTransaction(cluster);
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes', '--no-orig-master-is-new-slave');
      const draining = (): boolean => intends(cluster, 'drain-transactions:db1:3306');
      await until(draining, { what: 'see the switch wait', deadlineMs: 30_000 });
      await writer.more(40);
      await open.query('COMMIT');
      open.close();
      const result = await run.ended;
      expect(result.code, result.stderr).toBe(0);
      expect(result.json['ended']).toEqual([]);
      expect(await statusOf(cluster, 'db1')).toBeUndefined();
      expect(await cluster.sql('db1', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '1' }]);
      expect(await gates.calls()).toHaveLength(2);
      expect((await gates.calls()).join('\n')).not.toContain('orig_master_is_new_slave');
      await writer.more(100);
      await expectProven(cluster, writer, 'db2', { servers: ['db2', 'db3', 'db4'] });
      expect(await cluster.sql('db4', 'SELECT a FROM app.held')).toEqual([{ a: '7' }]);
    });
  });

  it.each(modes)('ends a transaction that does not end, by its id (%s)', async (mode) => {
    await withCluster({ family, mode, conf: { switch_drain_seconds: 1 } }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db3', 'stop', 'start');
      const open = await openTransaction(cluster);
      const [own] = await open.query('SELECT CONNECTION_ID() AS id, SUBSTRING_INDEX(USER(), "@", 1) AS user');
      const result = await runSwitch(cluster, '--new-master', 'db3', '--yes', '--end-transactions');
      expect(result.code, result.stderr).toBe(0);
      expect(result.json['ended']).toEqual([{ connectionId: Number(own?.['id']), user: own?.['user'], statement: '' }]);
      await expect(open.query('COMMIT')).rejects.toThrow();
      open.close();
      expect((await gates.calls()).every((line) => line.includes('--orig_master_is_new_slave'))).toBe(true);
      await writer.more(100);
      await expectProven(cluster, writer, 'db3');
      expect(await cluster.sql('db2', 'SELECT a FROM app.held')).toEqual([]);
    });
  });

  it('gives writes back when the next source dies right before it is opened', async () => {
    await withCluster({ family }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db2', 'stop');
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('start');
      await cluster.killServer('db2');
      await gates.open('start');
      const result = await run.ended;
      expect(result).toMatchObject({ code: 1, failedStep: 'open-for-writes:db2:3306' });
      await writer.more(40);
      await expectProven(cluster, writer, 'db1', { servers: ['db1', 'db3', 'db4'] });
    });
  });

  it('is put back by the next command when it was killed under the lock', async () => {
    await withCluster({ family }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db3', 'stop');
      const killed = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('start');
      killed.kill('SIGKILL');
      expect(await killed.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
      expect(await cluster.sql('db1', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '1' }]);
      await gates.open('start');
      const again = await runSwitch(cluster, '--new-master', 'db3', '--yes');
      expect(again.code, again.stderr).toBe(0);
      expect(again.stderr).toContain('putting back what it had changed');
      await writer.more(100);
      for (const name of ['db1', 'db2', 'db4']) expect(await followedBy(cluster, name)).toBe('db3');
      await expectProven(cluster, writer, 'db3');
    });
  });

  it('gives writes back when the next source cannot be reached any more, before anything could open it', async ({
    skip,
  }) => {
    const why = await whyNoLinks();
    skip(why !== undefined, why);
    await withCluster({ family }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db2');
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('stop');
      await cluster.cut('manager', 'db2');
      await gates.open('stop');
      const result = await run.ended;
      expect(result).toMatchObject({ code: 1, failedStep: 'reach-target:db2:3306', refusal: 'SWITCH_TOO_SLOW' });
      await writer.more(40);
      await cluster.heal('manager', 'db2');
      await expectProven(cluster, writer, 'db1');
    });
  });

  it('opens nobody while it cannot know whether the next source was opened', async ({ skip }) => {
    const why = await whyNoLinks();
    skip(why !== undefined, why);
    skip(family === 'mysql56', 'a minute of deadlines, tried on the two other families');
    await withCluster({ family }, async (cluster) => {
      const { gates, writer } = await rehearse(cluster, 'db2', 'stop');
      const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
      await gates.reached('start');
      await cluster.cut('manager', 'db2');
      await gates.open('start');
      const result = await run.ended;
      expect(result).toMatchObject({
        code: 1,
        failedStep: 'open-for-writes:db2:3306',
        refusal: 'ROLLBACK_INCOMPLETE',
      });
      await cluster.heal('manager', 'db2');
      if (isMatrix) await untilNothingIsUnderWay(cluster, 'db2');
      const lines = await writer.stop();
      for (const name of namesOf(cluster)) {
        expect(await cluster.sql(name, 'SELECT @@global.read_only AS closed'), name).toEqual([{ closed: '1' }]);
      }
      await cluster.sql('db1', 'SET GLOBAL read_only=0');
      const proof = await prove(cluster, lines, { servers: ['db1', 'db3', 'db4'] });
      expect(proof.problems).toEqual([]);
    });
  });
});
