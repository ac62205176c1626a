import { expect, it } from 'vitest';
import { familyNames } from '../../src/sandbox/family/family.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { makeTail } from '../../src/sandbox/tail.js';
import { modes, needFamily } from './support/families.js';
import { expectSaved, lossesOf, onDeadDiskOnly, onStage } from './support/proof.js';
import { describeWithServers } from './support/with-cluster.js';

/** The whole of it once on every kind of server; all other proofs run on all of them in the matrix. */
describeWithServers('on servers of every family', () => {
  const settings = familyNames.flatMap((family) => modes.map((mode) => ({ family, mode })));
  it.for(settings)('a check, a switch there and back, a failover ($family, $mode)', async (setting, context) => {
    needFamily(setting.family, context);
    await onStage({ ...setting, writer: { ratePerWorker: 40 } }, async (stage) => {
      const { cluster, writer } = stage;
      const check = await stage.product('check-repl').end();
      expect(check.code, `${check.stdout}${check.stderr}`).toBe(0);

      for (const next of ['db2', 'db1']) {
        const change = await stage.product('switch', '--new-master', next, '--yes').end();
        expect(change.code, `${change.stdout}${change.stderr}`).toBe(0);
        await writer.more(50);
      }
      for (const { server } of cluster.hosts.slice(1))
        expect(await readReplicaStatus(server)).toMatchObject({ receiver: 'Yes', applier: 'Yes', mode: setting.mode });

      const manager = await stage.manager();
      const tail = await makeTail(cluster, writer, 100);
      await stage.killSource();
      expect((await manager.end()).code, manager.text()).toBe(0);
      await writer.more(50);
      const judgement = await stage.judge({ returns: 1 });
      await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, tail.anywhere));
      expect(judgement.run?.report).toMatchObject({ exit: 0 });
      expect(lossesOf(judgement.run)).toEqual([]);
    });
  });
});
