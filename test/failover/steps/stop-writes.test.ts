import { expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { stopWrites, unlockWrites } from '../../../src/failover/steps/stop-writes.js';
import { Fault } from '../../../src/model/fault.js';
import { serverId } from '../../../src/model/settings.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { mariadb1011, mysql97 } from '../../support/picture.js';

const flush = 'FLUSH NO_WRITE_TO_BINLOG TABLES';
const lock = 'FLUSH TABLES WITH READ LOCK';

it.each([
  ['tables are flushed, then the lock is taken', mariadb1011, {}, [true, true]],
  ['--flush_tables=0: no flush', mariadb1011, { flush: false }, [false, true]],
  ['--skip_lock_all_tables: no lock', mariadb1011, { lock: false }, [true, false]],
  ['super_read_only holds privileged accounts too: neither is needed', mysql97, {}, [false, false]],
] as const)('writes are stopped: %s', (_what, version, wishes, [flushes, locks]) => {
  const sight = { servers: { dialect: () => chooseDialect(version) } } as unknown as World;
  const action = { do: 'stop-writes', ...wishes } as const;
  const stopping = step(action, { phase: 'stop-writes', server: serverId('a', 3306), onFailure: 'abort' });
  const shown = stopWrites.show(stopping as never, sight);
  const has = (text: string): boolean => shown.some((line) => line.startsWith(text));
  expect([has(flush), has(lock)], shown.join('\n')).toEqual([flushes, locks]);
  expect(has('SET GLOBAL read_only')).toBe(true);
});

it('a lock whose connection is lost keeps the old source from nothing', async () => {
  const server = serverId('a', 3306);
  const unlocking = step({ do: 'unlock-writes' }, { phase: 'repoint', server, onFailure: 'note' });
  let closed = 0;
  const lost = {
    run: () => Promise.reject(new Fault('SQL_CONNECTION_LOST', { server, message: 'reset' })),
    close: () => (closed += 1),
  };
  const world = {
    servers: { dialect: () => chooseDialect(mariadb1011) },
    facts: { ...noFacts(), lock: lost },
    events: { emit: () => undefined },
  } as unknown as World;
  await unlockWrites.perform(unlocking as never, world);
  expect(closed).toBe(1);
});
