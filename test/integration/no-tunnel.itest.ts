import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { makeTail } from '../../src/sandbox/tail.js';
import type { RowId } from '../../src/sandbox/proof-reader.js';
import { describeFamilies, isMatrix, modes } from './support/families.js';
import type { ProductRun } from './support/product.js';
import { type Expectation, expectSaved, type Judgement, onDeadDiskOnly, onStage, type Stage } from './support/proof.js';

const replicas = ['db2', 'db3', 'db4'];
const noForwarding = ['AllowTcpForwarding no'];
const gtidOnly = { mode: 'gtid', logReplicaUpdates: true } as const;

const withoutForwarding = (...names: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(names.map((name) => [name, noForwarding]));

/** Another key for `[server default]`: some values are known only when the cluster runs. */
function configure(cluster: Cluster, line: string): void {
  const text = readFileSync(cluster.confFile, 'utf8');
  writeFileSync(cluster.confFile, text.replace('[server default]\n', `[server default]\n${line}\n`));
}

function addressOfManager(cluster: Cluster): string {
  const hosts = readFileSync(join(cluster.folder, 'hosts'), 'utf8').split('\n');
  const found = hosts.find((line) => line.endsWith(' manager'))?.split(' ')[0];
  if (found === undefined) throw new Error('the manager has no address');
  return found;
}

/** What check-repl warns of never changes its exit code. */
async function expectWarned(stage: Stage, id: string, servers: readonly string[]): Promise<void> {
  const { code, stdout } = await stage.product('check-repl', '--json').end();
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: { id: string; severity: string; server?: string }[] };
  const found = findings.filter((finding) => finding.id === id);
  expect(found.map(({ server }) => server)).toEqual(servers.map((name) => `${name}:3306`));
  expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set(['warn']));
}

function roleOf({ run }: Judgement, name: string): string | undefined {
  return run?.report.servers.find(({ server }) => server === `${name}:3306`)?.role;
}

interface Aftermath {
  readonly judgement: Judgement;
  /** Rows that some replica had received before the source died. */
  readonly anywhere: ReadonlySet<RowId>;
}

interface Death {
  /** How the run is expected to end; default with everything done. */
  readonly exit?: number;
  readonly expectation?: (anywhere: ReadonlySet<RowId>) => Expectation;
  /** Which command notices; default a manager that watched before. */
  readonly by?: (stage: Stage) => ProductRun;
}

/** The source dies with a tail on its disk; what the product makes of it is judged. */
async function death(stage: Stage, { exit = 0, expectation, by }: Death = {}): Promise<Aftermath> {
  const { cluster, writer } = stage;
  const watching = by === undefined ? await stage.manager() : undefined;
  const { anywhere } = await makeTail(cluster, writer, 150);
  await stage.killSource();
  const run = watching ?? by?.(stage);
  expect((await run?.end())?.code, run?.text()).toBe(exit);
  await writer.more(50);
  return { judgement: await stage.judge(expectation?.(anywhere)), anywhere };
}

async function expectNothingLost({ cluster }: Stage, { judgement, anywhere }: Aftermath): Promise<void> {
  await expectSaved(judgement, await onDeadDiskOnly(cluster, judgement, anywhere));
}

const diskIsBeyondReach = (anywhere: ReadonlySet<RowId>): Expectation => ({ beyondReach: (row) => !anywhere.has(row) });

describeFamilies('without any tunnel to the replicas', (family) => {
  it('the newest is promoted, the others are levelled from it by GTID, and what is out of reach is said', async () => {
    await onStage({ family, ...gtidOnly, sshdPerServer: withoutForwarding(...replicas) }, async (stage) => {
      await expectWarned(stage, 'reverse-tunnel', replicas);
      const { judgement, anywhere } = await death(stage, { expectation: diskIsBeyondReach });
      expect(judgement.proof.writable).toEqual(['db4']);
      expect((await onDeadDiskOnly(stage.cluster, judgement, anywhere)).length).toBe(judgement.proof.lost.length);
      expect(judgement.run?.report.losses.join('\n')).toMatch(/db1:3306.*db4:3306|db4:3306.*db1:3306/);
    });
  });

  it.each(isMatrix ? modes : (['coordinates'] as const))(
    'recovery_listen_address is the way, and nothing is lost (%s)',
    async (mode) => {
      await onStage({ family, mode, sshdPerServer: withoutForwarding(...replicas) }, async (stage) => {
        configure(stage.cluster, `recovery_listen_address=${addressOfManager(stage.cluster)}`);
        await expectNothingLost(stage, await death(stage));
      });
    },
  );
});

describeFamilies('without a tunnel to the newest replica', (family) => {
  it('another one is chosen, and the newest follows it by GTID', async () => {
    await onStage({ family, ...gtidOnly, sshdPerServer: withoutForwarding('db4') }, async (stage) => {
      await expectWarned(stage, 'reverse-tunnel', ['db4']);
      const after = await death(stage);
      expect(after.judgement.proof.writable).not.toEqual(['db4']);
      await expectNothingLost(stage, after);
    });
  });

  it('another one is chosen, and without GTID the newest is left behind and listed', async () => {
    await onStage({ family, mode: 'coordinates', sshdPerServer: withoutForwarding('db4') }, async (stage) => {
      const after = await death(stage, { exit: 10, expectation: () => ({ servers: ['db2', 'db3'] }) });
      expect(roleOf(after.judgement, 'db4')).toBe('behind');
      await expectNothingLost(stage, after);
    });
  });
});

describeFamilies('without SSH to any host', (family) => {
  it('replicas are levelled by GTID from the newest', async () => {
    await onStage({ family, ...gtidOnly }, async (stage) => {
      for (const { name } of stage.cluster.hosts) await stage.cluster.killSshd(name);
      await expectWarned(stage, 'ssh-login', ['db1', ...replicas]);
      const { judgement } = await death(stage, { expectation: diskIsBeyondReach });
      expect(judgement.proof.writable).toEqual(['db4']);
      expect(judgement.run?.report.losses.join('\n')).toContain('db1:3306');
    });
  });
});

describeFamilies('a manager that starts when the source is dead already', (family) => {
  const few = [
    ['manager', 'coordinates'],
    ['failover', 'gtid'],
  ] as const;
  const all = modes.flatMap((mode) => ['manager', 'failover'].map((command) => [command, mode] as const));
  it.each(isMatrix && family === 'mariadb' ? all : few)(
    '%s finds its binary logs through master_binlog_dir (%s)',
    async (command, mode) => {
      const flags = command === 'manager' ? [] : ['--dead-master-host', 'db1', '--yes'];
      await onStage({ family, mode }, async (stage) => {
        await expectNothingLost(stage, await death(stage, { by: ({ product }) => product(command, ...flags) }));
      });
    },
  );
});
