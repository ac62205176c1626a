import { describe, expect, it } from 'vitest';
import type { Contender } from '../../src/failover/election.js';
import type { Step } from '../../src/failover/plan.js';
import { planRecovery } from '../../src/failover/recovery-plan.js';
import { chooseSources } from '../../src/failover/recovery-sources.js';
import type { DeadLog } from '../../src/failover/source-logs.js';
import type { ServerVersion } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { mariadb1011, mysql97 } from '../support/picture.js';
import { at, contender } from './build.js';

const source = serverId('a', 3306);
const readable: DeadLog = { readable: true, logs: [], end: at('3:5000') };
const gone: DeadLog = { readable: false, why: 'no SSH' };
const mysql56: ServerVersion = { vendor: 'mysql', text: '5.6.24-log', major: 5, minor: 6, patch: 24 };

const chosen = contender('b', { received: '3:900' });

function late(version: ServerVersion, received = '3:950'): Contender {
  return contender('d', { received, executed: '1:4', state: { version }, channel: { delaySeconds: 3600 } });
}

function input(delayed: Contender, disk: DeadLog, unserved: readonly string[] = []) {
  const contenders = [chosen, delayed];
  const refused = new Set(unserved.map((name) => serverId(name, 3306)));
  return {
    source,
    chosen,
    contenders,
    log: disk,
    completeFirst: false,
    unserved: refused,
    relayUnfit: new Set<never>(),
  };
}

function stepsOf(delayed: Contender, disk: DeadLog, unserved: readonly string[] = []): readonly Step[] {
  return planRecovery(input(delayed, disk, unserved)).plan.steps;
}

const ofD = (steps: readonly Step[]): readonly string[] =>
  steps.filter((step) => step.server === 'd:3306').map((step) => step.do);

describe('a delayed replica in the plan of a recovery', () => {
  it.each([
    [mysql97, ['serve', 'point-to-recovery', 'receive-target', 'move-receiver', 'restore-relay-purge']],
    [mysql56, ['repoint-delayed', 'restore-relay-purge']],
    [mariadb1011, ['repoint-delayed', 'restore-relay-purge']],
  ] as const)('is never drained: $text', (version, expected) => {
    // One step more looks at the relay log of the newest replica, which it happens to be.
    expect(ofD(stepsOf(late(version), readable)).filter((kind) => kind !== 'set-aside-relay')).toEqual(expected);
  });

  it('follows at what it has executed where its automatic failover keeps the receiver from moving alone', () => {
    const itself = late(mysql97);
    const channel = { ...itself.channel, receiverOptions: { ...itself.channel.receiverOptions, autoFailover: true } };
    expect(ofD(stepsOf({ ...itself, channel }, readable)).filter((kind) => kind !== 'set-aside-relay')).toEqual([
      'repoint-delayed',
      'restore-relay-purge',
    ]);
  });

  it('is waited for by nobody: only what concerns itself needs its steps', () => {
    const steps = stepsOf(late(mysql97), readable);
    const own = steps.filter((step) => step.server === 'd:3306').map((step) => step.id);
    for (const step of steps.filter(
      (one) => one.server !== 'd:3306' && !['forget-source', 'settle-semi-sync'].includes(one.do),
    ))
      expect([...step.needs, ...step.after].filter((id) => own.includes(id) && !id.startsWith('set-aside'))).toEqual(
        [],
      );
    for (const step of steps.filter((one) => one.server === 'd:3306' && one.do !== 'set-aside-relay'))
      expect(['give-up-server', 'note']).toContain(step.onFailure);
  });

  it('goes on where its receiver stands, not where its applier does', () => {
    const point = stepsOf(late(mysql97), readable).find(
      (step) => step.do === 'point-to-recovery' && step.server === 'd:3306',
    );
    expect(point?.onFailure).toBe('give-up-server');
    const far = stepsOf(late(mysql97, '2:100'), readable);
    expect(far.find((step) => step.do === 'save-laggard-range')).toMatchObject({ from: at('2:100') });
  });

  it('still gives its relay log to the others where the dead disk is gone', () => {
    expect(chooseSources(input(late(mariadb1011), gone))).toEqual({
      tail: false,
      relay: { server: 'd:3306', from: at('3:900') },
    });
  });

  it('makes nobody copy all that it has yet to apply', () => {
    expect(chooseSources(input(late(mysql97, '3:900'), gone))).toEqual({ tail: false });
    expect(chooseSources(input(late(mysql97, '3:800'), gone))).toMatchObject({ relay: { from: at('3:800') } });
    expect(chooseSources(input(late(mariadb1011, '3:800'), gone))).toEqual({ tail: false });
  });

  it('is not served where it cannot be', () => {
    expect(ofD(stepsOf(late(mysql97), readable, ['d']))).not.toContain('serve');
  });
});
