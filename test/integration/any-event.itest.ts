import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { drained } from '../../src/sandbox/drained.js';
import { familyNames } from '../../src/sandbox/family/family.js';
import { writtenRows } from '../../src/sandbox/proof-reader.js';
import { stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { until } from '../../src/sandbox/wait.js';
import { acknowledged } from '../../src/sandbox/writer-log.js';
import {
  abilities,
  beforeTheTail,
  eventTypesIn,
  expectedEvents,
  incident,
  makeIncident,
  writeAnyEvent,
} from './support/any-event.js';
import { binlogsOf } from './support/dead-disk.js';
import { describeInMatrix, isMatrix, modes, needFamily } from './support/families.js';
import { runFolderOf } from './support/product.js';
import { isWritable, lossesOf, onStage } from './support/proof.js';

const cases = familyNames
  .flatMap((family) => modes.map((mode) => [family, mode] as const))
  .filter(([family, mode]) => isMatrix || (family === 'mariadb' && mode === 'gtid'));

const replicas = ['db2', 'db3', 'db4'];

/** Checksums of the tables that the tail fills, as `name sum`. */
async function sums(cluster: Cluster, name: string): Promise<readonly string[]> {
  const tables = await cluster.sql(
    name,
    "SELECT table_name AS t FROM information_schema.tables WHERE table_schema='any1' AND table_type LIKE 'BASE%' ORDER BY 1",
  );
  const list = tables.map(({ t }) => `any1.${String(t)}`).join(', ');
  const rows = await cluster.sql(name, `CHECKSUM TABLE ${list}`);
  return rows.map((row) => `${String(row['Table'])} ${String(row['Checksum'])}`);
}

async function preparedOn(cluster: Cluster, name: string): Promise<readonly string[]> {
  const rows = await cluster.sql(name, 'XA RECOVER');
  return rows.map((row) => row['data'] ?? '');
}

async function earlyTables(cluster: Cluster, name: string): Promise<string | null | undefined> {
  const { replica } = cluster.family.words;
  const [row] = await cluster.sql(name, `SHOW GLOBAL STATUS LIKE '${replica}_open_temp_tables'`);
  return row?.['Value'];
}

describeInMatrix('a tail of every kind of event', () => {
  it.for(cases)('comes to every replica as the source had it (%s, %s)', async ([family, mode], context) => {
    needFamily(family, context);
    const { options, logsPrepared } = abilities[family];
    await onStage({ family, mode, extraOptions: options, writer: { answerWithinMs: 20_000 } }, async (stage) => {
      const { cluster, writer } = stage;
      const manager = await stage.manager();
      const session = await beforeTheTail(cluster);
      for (const name of replicas) {
        const held = async (): Promise<boolean> => (await earlyTables(cluster, name)) === '1';
        await until(held, { what: `see the temporary table on ${name}`, deadlineMs: 30_000 });
        await stopReceiver(cluster, name);
        await writer.more(30);
      }
      for (const name of replicas) await drained(cluster, name);
      const before = binlogsOf(cluster, 'db1').length;
      await writeAnyEvent(cluster, mode, session);
      await writer.more(50);
      const written = await sums(cluster, 'db1');
      const files = binlogsOf(cluster, 'db1').slice(before - 1);
      expect(files).toHaveLength(4);
      await stage.killSource();
      const inTail = new Set(files.flatMap((file) => [...eventTypesIn(file)]));
      const missing = Object.entries(expectedEvents(family, mode)).filter(([, type]) => !inTail.has(type));
      expect(missing, 'kinds of events that the tail lacks').toEqual([]);

      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(50);
      const judgement = await stage.judge();
      expect(lossesOf(judgement.run)).toEqual([]);
      const [source = ''] = judgement.proof.writable;
      for (const name of replicas) {
        expect(await sums(cluster, name), name).toEqual(written);
        expect(await preparedOn(cluster, name), name).toEqual(logsPrepared ? ['left'] : []);
      }
      if (!logsPrepared) return;
      // What was prepared on the dead source is decided on the new one, and all follow.
      await cluster.sql(source, "XA COMMIT 'left'");
      for (const name of replicas) {
        const decided = async (): Promise<boolean> =>
          (await cluster.sql(name, 'SELECT id FROM any1.xa_left')).length === 1;
        await until(decided, { what: `see the decided transaction on ${name}`, deadlineMs: 30_000 });
      }
    });
  });

  it.for(isMatrix ? cases : [])(
    'stops in front of an incident, and says so (%s, %s)',
    async ([family, mode], context) => {
      needFamily(family, context);
      const extraOptions = abilities[family].options;
      await onStage({ family, mode, extraOptions, writer: { answerWithinMs: 20_000 } }, async (stage) => {
        const { cluster, writer } = stage;
        await beforeTheTail(cluster);
        await makeTail(cluster, writer, 30);
        await makeIncident(cluster);
        await writer.more(30);
        const files = binlogsOf(cluster, 'db1');
        await stage.killSource();
        expect(files.some((file) => eventTypesIn(file).has(incident))).toBe(true);

        const failover = stage.product('failover', '--dead-master-host', 'db1', '--yes');
        expect((await failover.end()).code, failover.text()).toBe(1);
        const lines = await writer.stop();
        // Every replica's applier stops there. Whoever was promoted would lack what came behind it.
        expect(failover.text()).toContain('The incident LOST_EVENTS');
        const run = runFolderOf(cluster);
        expect(run?.report.newSource).toBeUndefined();
        // What they have applied of what lies in front of it they have once; the rest is kept beside the report.
        for (const name of replicas) {
          const rows = await writtenRows(cluster, name);
          expect([...rows.values()].filter((copies) => copies !== 1)).toEqual([]);
          expect(rows.size).toBeLessThan(acknowledged(lines).length);
        }
        expect(run?.saved.some((file) => eventTypesIn(file).has(incident))).toBe(true);
        for (const name of replicas) expect(await isWritable(cluster, name), name).toBe(false);
      });
    },
  );
});
