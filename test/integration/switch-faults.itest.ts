import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import type { SqlDoor } from '../../src/sandbox/database.js';
import { prove } from '../../src/sandbox/proof.js';
import { readReplicaStatus } from '../../src/sandbox/replica-status.js';
import { startReceiver, stopReceiver } from '../../src/sandbox/replica-verbs.js';
import { until } from '../../src/sandbox/wait.js';
import { startWriter, type Writer } from '../../src/sandbox/writer.js';
import { watchForCanary } from './support/canary.js';
import { describeFamilies, isMatrix, someModes } from './support/families.js';
import { type Right, rights } from './support/rights.js';
import {
  endConnections,
  type Gate,
  type Gates,
  grantAll,
  placeGates,
  revoke,
  sessionOn,
  startSwitch,
} from './support/switch.js';
import { withCluster } from './support/with-cluster.js';

interface Fault {
  readonly what: string;
  /** Where the switch waits while the fault is made; left out: before it begins. */
  readonly at?: Gate;
  /** A right that some families do not have apart from others. */
  readonly needs?: Right;
  readonly make?: (cluster: Cluster, writer: Writer) => Promise<(() => Promise<void>) | undefined>;
  /** How the site's script there ends. */
  readonly exit?: number;
  readonly signal?: NodeJS.Signals;
  readonly failedStep: string;
  readonly refusal: string;
}

async function lockTables(cluster: Cluster, host: string, text: string): Promise<() => Promise<void>> {
  const door: SqlDoor = await sessionOn(cluster, host);
  await door.query(text);
  return () => {
    door.close();
    return Promise.resolve();
  };
}

/**
 * Without a row written since, a candidate that executes or receives nothing more has everything all the same,
 * and the switch rightly goes on.
 */
async function makeItLack(writer: Writer): Promise<void> {
  await writer.more(20);
}

/** The product's account lacks a right on that host. */
function without(host: string, right: Right): Pick<Fault, 'needs' | 'make'> {
  return {
    needs: right,
    make: async (cluster) => {
      await revoke(cluster, host, rights[cluster.family.name][right] ?? '');
      return () => grantAll(cluster, host);
    },
  };
}

/** One for each step before the point of no return, in the order of the plan. */
const faults: readonly Fault[] = [
  {
    what: 'the next source is far behind',
    make: (cluster) => lockTables(cluster, 'db2', 'LOCK TABLES app.entries READ, app.ledger READ'),
    failedStep: 'come-near:db2:3306',
    refusal: 'CANDIDATE_FAR_BEHIND',
  },
  {
    what: 'a transaction stays open',
    make: (cluster) => lockTables(cluster, 'db1', 'BEGIN; INSERT INTO app.held VALUES (1)'),
    failedStep: 'drain-transactions:db1:3306',
    refusal: 'TRANSACTIONS_OPEN',
  },
  {
    what: 'the site’s own script refuses to stop',
    at: 'stop',
    exit: 1,
    failedStep: 'hook:db1:3306:online-stop',
    refusal: 'HOOK_FAILED',
  },
  {
    what: 'the operator interrupts',
    at: 'stop',
    signal: 'SIGINT',
    failedStep: 'hook:db1:3306:online-stop',
    refusal: 'HOOK_FAILED',
  },
  {
    what: 'tables are locked',
    at: 'stop',
    make: (cluster) => lockTables(cluster, 'db1', 'LOCK TABLES app.held WRITE'),
    failedStep: 'stop-writes:db1:3306',
    refusal: 'WRITES_NOT_LOCKED',
  },
  {
    what: 'a long statement runs',
    at: 'stop',
    make: async (cluster) => {
      const door = await sessionOn(cluster, 'db1');
      const running = door.query('INSERT INTO app.held SELECT SLEEP(60)').catch(() => undefined);
      return async () => {
        const [row] = await cluster.sql(
          'db1',
          "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO app.held SELECT SLEEP%'",
        );
        await cluster.sql('db1', `KILL ${String(row?.['ID'])}`);
        await running;
        door.close();
      };
    },
    failedStep: 'stop-writes:db1:3306',
    refusal: 'WRITES_NOT_LOCKED',
  },
  {
    what: 'the account may not set read_only there',
    at: 'stop',
    ...without('db1', 'close'),
    failedStep: 'stop-writes:db1:3306',
    refusal: 'WRITES_NOT_LOCKED',
  },
  {
    what: 'the account may not lock',
    at: 'stop',
    ...without('db1', 'lock'),
    failedStep: 'stop-writes:db1:3306',
    refusal: 'WRITES_NOT_LOCKED',
  },
  {
    what: 'the next source does not catch up',
    at: 'stop',
    make: async (cluster, writer) => {
      const unlock = await lockTables(cluster, 'db2', 'LOCK TABLES app.entries READ, app.ledger READ');
      await makeItLack(writer);
      return unlock;
    },
    failedStep: 'reach-target:db2:3306',
    refusal: 'SWITCH_TOO_SLOW',
  },
  {
    what: 'the receiver of the next source ends',
    at: 'stop',
    make: async (cluster, writer) => {
      await stopReceiver(cluster, 'db2');
      await makeItLack(writer);
      return () => startReceiver(cluster, 'db2');
    },
    failedStep: 'reach-target:db2:3306',
    refusal: 'SWITCH_TOO_SLOW',
  },
  {
    what: 'the account may not stop replication',
    at: 'stop',
    ...without('db2', 'steer replication'),
    failedStep: 'stop-replication:db2:3306',
    refusal: 'SQL_FAILED',
  },
  {
    what: 'the account may not see its binary log',
    at: 'stop',
    ...without('db2', 'see the binary log'),
    failedStep: 'record-position:db2:3306',
    refusal: 'SQL_FAILED',
  },
  {
    what: 'the site’s own script refuses to start',
    at: 'start',
    exit: 1,
    failedStep: 'hook:db2:3306:online-start',
    refusal: 'HOOK_FAILED',
  },
  {
    what: 'the lock is lost',
    at: 'start',
    make: async (cluster) => {
      await endConnections(cluster, 'db1');
      return undefined;
    },
    failedStep: 'open-for-writes:db2:3306',
    refusal: 'SQL_CONNECTION_LOST',
  },
  {
    what: 'the account may not open it',
    at: 'start',
    ...without('db2', 'open'),
    failedStep: 'open-for-writes:db2:3306',
    refusal: 'SQL_FAILED',
  },
];

/** What may not change: who follows whom, how, and who takes writes. */
async function shapeOf(cluster: Cluster): Promise<readonly string[]> {
  const lines = cluster.hosts.map(async ({ name, server }) => {
    const [closed] = await cluster.sql(name, 'SELECT @@global.read_only AS closed');
    const status = await readReplicaStatus(server);
    const keys = ['sourceHost', 'sourcePort', 'mode', 'receiver', 'applier', 'usesTls'] as const;
    const follows = status === undefined ? 'nobody' : keys.map((key) => String(status[key])).join(' ');
    return `${name} read_only=${String(closed?.['closed'])} ${follows}`;
  });
  return Promise.all(lines);
}

/** A receiver that was started takes a moment to run. */
async function expectShape(cluster: Cluster, before: readonly string[], fault: string): Promise<void> {
  let seen: readonly string[] = [];
  const asBefore = async (): Promise<boolean> => (seen = await shapeOf(cluster)).join() === before.join();
  const epitaph = (): string => `${seen.join('\n')}\ninstead of\n${before.join('\n')}`;
  await until(asBefore, { what: `see everything as it was (${fault})`, deadlineMs: 15_000, epitaph });
}

async function suffer(cluster: Cluster, gates: Gates, writer: Writer, fault: Fault): Promise<void> {
  await gates.reset();
  const early = fault.at === undefined ? await fault.make?.(cluster, writer) : undefined;
  const run = startSwitch(cluster, '--new-master', 'db2', '--yes');
  if (fault.at === 'start') await gates.open('stop');
  if (fault.at !== undefined) await gates.reached(fault.at);
  const late = fault.at === undefined ? undefined : await fault.make?.(cluster, writer);
  if (fault.signal === undefined) await gates.open(fault.at ?? 'stop', fault.exit ?? 0);
  else run.kill(fault.signal);
  if (fault.at !== 'start') await gates.open('start');
  const result = await run.ended;
  // What stood in the way is still there: it was the roll back that gave writes back.
  await writer.more(40);
  await (early ?? late)?.();
  const { code, failedStep, refusal } = result;
  expect({ code, failedStep, refusal }, `${fault.what}\n${result.stderr}`).toEqual({
    code: 1,
    failedStep: fault.failedStep,
    refusal: fault.refusal,
  });
}

describeFamilies('a switch that fails before the point of no return', (family) => {
  it.each(isMatrix ? someModes(family) : (['coordinates'] as const))(
    'leaves everything as it was (%s)',
    async (mode) => {
      await withCluster({ family, mode, conf: { switch_drain_seconds: 1 } }, async (cluster) => {
        const gates = await placeGates(cluster);
        await cluster.sql('db1', 'CREATE TABLE app.held (a INT) ENGINE=InnoDB');
        const writer = await startWriter(cluster, { ratePerWorker: 50, hosts: ['db1', 'db2'] });
        const before = await shapeOf(cluster);
        const canary = watchForCanary(cluster, 100);
        const possible = ({ needs }: Fault): boolean => needs === undefined || rights[family][needs] !== undefined;
        for (const fault of faults.filter(possible)) {
          await suffer(cluster, gates, writer, fault);
          await expectShape(cluster, before, fault.what);
        }
        const lines = await writer.stop();
        const proof = await prove(cluster, lines, { servers: cluster.hosts.map(({ name }) => name) });
        expect(proof.problems).toEqual([]);
        expect(proof.writable).toEqual(['db1']);
        const seen = canary.stop().filter((place) => !place.includes('online-change'));
        expect(seen).toEqual([]);
      });
    },
  );
});
