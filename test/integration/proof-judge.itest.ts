import { rmSync, truncateSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeTail } from '../../src/sandbox/tail.js';
import { expectSaved, onDeadDiskOnly, onStage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

/** The proofs are worth what their judge is worth: after a good run each kind of damage is done once, by hand. */
describeWithServers('the judge of the proofs', () => {
  it('finds rows lost, applied twice, different or unheard of, a second writable server, and a spoilt tail', async () => {
    await onStage({}, async ({ cluster, writer, manager, killSource, judge }) => {
      const run = await manager();
      const tail = await makeTail(cluster, writer, 60);
      await killSource();
      expect((await run.end()).code).toBe(0);
      await writer.more(20);
      const good = await judge();
      const only = await onDeadDiskOnly(cluster, good, tail.anywhere);
      const source = good.proof.writable[0] ?? '';
      const other = ['db2', 'db3', 'db4'].find((name) => name !== source) ?? '';

      await cluster.sql(other, 'SET GLOBAL read_only=0');
      await expect(judge()).rejects.toThrow('writable servers');
      await cluster.sql(other, 'SET GLOBAL read_only=1');

      await cluster.startServer('db1');
      await expect(judge()).rejects.toThrow('db1 takes writes');
      await cluster.killServer('db1');

      await cluster.sql(source, 'INSERT INTO app.ledger SELECT * FROM app.ledger WHERE worker=1 LIMIT 1');
      await expect(judge()).rejects.toThrow('rows applied twice');
      await cluster.sql(source, 'DELETE FROM app.ledger WHERE worker=1');
      await expect(judge()).rejects.toThrow('acknowledged rows lost');
      // What was out of reach may be missing, and nothing else.
      await expect(judge({ beyondReach: (row) => row.startsWith('2:') })).rejects.toThrow('acknowledged rows lost');
      await judge({ beyondReach: (row) => row.startsWith('1:') });

      await cluster.sql(source, "INSERT INTO app.ledger VALUES (9, 9, '', '')");
      await expect(judge({ beyondReach: () => true })).rejects.toThrow('rows that nobody wrote');
      await cluster.sql(other, "SET SESSION sql_log_bin=0; UPDATE app.entries SET words='changed' LIMIT 1");
      await expect(judge({ beyondReach: () => true })).rejects.toThrow('differs from');

      await expect(onDeadDiskOnly(cluster, good, new Set(good.onOldSource))).rejects.toThrow();
      await expectSaved(good, only);
      await expect(expectSaved(good, ['0:0'])).rejects.toThrow();
      // All of them: what the others lack is in one piece only, and which one is not the same each time.
      const [file = '', ...others] = good.run?.saved ?? [];
      for (const one of [file, ...others]) truncateSync(one, 300);
      await expect(expectSaved(good, only)).rejects.toThrow();
      rmSync(file);
      await expect(expectSaved(good, only)).rejects.toThrow();
    });
  });
});
