import { describe, expect, it } from 'vitest';
import type { Contender } from '../../src/failover/election.js';
import type { Step } from '../../src/failover/plan.js';
import { planRecovery } from '../../src/failover/recovery-plan.js';
import type { DeadLog } from '../../src/failover/source-logs.js';
import { serverId } from '../../src/model/settings.js';
import { channelFrom } from '../support/picture.js';
import { at, contender } from './build.js';

const megabyte = 2 ** 20;

/** A MariaDB replica that applies one transaction after another, as the server does when nothing is said. */
function replica(name: string, changes: Parameters<typeof contender>[1] = {}): Contender {
  const channel = { parallelMode: 'optimistic', ...changes.channel };
  const made = contender(name, { received: '3:1000', ...changes, channel });
  return { ...made, state: { ...made.state, channels: [made.channel], ...changes.state } };
}

function plan(contenders: readonly Contender[], end: string, log: Partial<DeadLog> = {}): readonly Step[] {
  const [chosen] = contenders;
  if (chosen === undefined) throw new Error('nobody');
  const dead = { readable: true, logs: [], end: at(end), ...log } as DeadLog;
  const open = { unserved: new Set<never>(), relayUnfit: new Set<never>() };
  const input = { source: serverId('a', 3306), chosen, contenders, log: dead, completeFirst: false, ...open };
  return planRecovery(input).plan.steps;
}

const kinds = (steps: readonly Step[], kind: Step['do']): readonly string[] =>
  steps.filter((step) => step.do === kind).map(({ server }) => server);

const long = `3:${String(1000 + 8 * megabyte)}`;

describe('a long tail is applied in parallel', () => {
  it('by each replica that gets it, once its threads stand still, and its own settings come back before it goes on', () => {
    const steps = plan([replica('b'), replica('c')], long);
    expect(kinds(steps, 'raise-appliers')).toEqual(['b:3306', 'c:3306']);
    expect(kinds(steps, 'restore-appliers')).toEqual(expect.arrayContaining(['b:3306', 'c:3306']));
    const find = (id: string): Step | undefined => steps.find((step) => step.id === id);
    expect(find('raise-appliers:c:3306')).toMatchObject({ needs: ['drain-applier:c:3306'], onFailure: 'note' });
    expect(find('drain-applier:c:3306')).toMatchObject({ thenStop: true });
    expect(find('point-to-recovery:c:3306')?.after).toContain('raise-appliers:c:3306');
    expect(find('restore-appliers:c:3306')?.needs).toContain('reach-target:c:3306');
    expect(find('repoint:c:3306')?.after).toContain('restore-appliers:c:3306');
    expect(find('restore-appliers:b:3306')?.needs).toEqual(['open-for-writes:b:3306']);
    expect(find('forget-source:b:3306')?.after).toContain('restore-appliers:b:3306');
  });

  it.each<[string, Contender, string, Partial<DeadLog>]>([
    ['that is short', replica('b'), `3:${String(999 + 8 * megabyte)}`, {}],
    ['of which the end is not fit', replica('b'), long, { trustedUpTo: at('3:5000') }],
    ['that cannot be read', replica('b'), long, { readable: false, why: 'no SSH' }],
    ['by a server that was told how many', replica('b', { state: { parallelThreads: 4 } }), long, {}],
    [
      'by one that follows somebody else too',
      replica('b', { state: { channels: [channelFrom('a'), channelFrom('z')] } }),
      long,
      {},
    ],
    ['by a connection with a name', replica('b', { channel: { name: 'east' } }), long, {}],
    ['by a server that knows no such thing', contender('b', { received: '3:1000' }), long, {}],
  ])('but not one %s', (_, chosen, end, log) => {
    const steps = plan([chosen], end, log);
    expect(kinds(steps, 'open-for-writes')).toEqual(['b:3306']);
    expect([...kinds(steps, 'raise-appliers'), ...kinds(steps, 'restore-appliers')]).toEqual([]);
  });

  it('that goes on in another file may be of any length', () => {
    expect(kinds(plan([replica('b')], '4:500'), 'raise-appliers')).toEqual(['b:3306']);
  });
});
