import { describe, expect, it } from 'vitest';
import type { Contender } from '../../src/failover/election.js';
import { planFreeze } from '../../src/failover/freeze-plan.js';
import type { Step } from '../../src/failover/plan.js';
import { planRecovery } from '../../src/failover/recovery-plan.js';
import { chooseSources, type RecoveryInput, type Sources } from '../../src/failover/recovery-sources.js';
import type { DeadLog } from '../../src/failover/source-logs.js';
import { everything, type FailoverWishes } from '../../src/failover/wishes.js';
import { type ServerId, serverId } from '../../src/model/settings.js';
import { at, contender } from './build.js';

const source = serverId('a', 3306);
const open = { unserved: new Set<ServerId>(), relayUnfit: new Set<ServerId>() };
const readable: DeadLog = { readable: true, logs: [], end: at('3:5000') };
const gone: DeadLog = { readable: false, why: 'no SSH' };

function plan(chosen: Contender, others: readonly Contender[], disk: DeadLog, completeFirst = false): readonly Step[] {
  return planRecovery({ source, chosen, contenders: [chosen, ...others], log: disk, completeFirst, ...open }).plan
    .steps;
}

function find(steps: readonly Step[], id: string): Step {
  const found = steps.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no step ${id} in ${steps.map((one) => one.id).join(' ')}`);
  return found;
}

/** Everything that must have happened before a step, through the whole graph. */
function before(steps: readonly Step[], id: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const step = steps.find((one) => one.id === name);
    for (const need of [...(step?.needs ?? []), ...(step?.after ?? [])]) {
      if (seen.has(need)) continue;
      seen.add(need);
      visit(need);
    }
  };
  visit(id);
  return seen;
}

describe('where missing events come from', () => {
  const newest = contender('b', { received: '3:900' });
  const behind = contender('c', { received: '2:100' });

  it('is the dead disk where it can be read', () => {
    expect(
      chooseSources({
        source,
        chosen: newest,
        contenders: [newest, behind],
        log: readable,
        completeFirst: false,
        ...open,
      }),
    ).toEqual({
      tail: true,
    });
  });

  it('is a copy of its own relay log for a replica that would remove it by starting', () => {
    const halted = { mode: 'gtid-slave-pos', receiver: 'stopped', applier: 'stopped' } as const;
    const standing = contender('b', { received: '3:900', executed: '2:500', channel: halted });
    const level = contender('c', { received: '3:900' });
    const input = { source, chosen: standing, contenders: [standing, level], completeFirst: false, ...open };
    expect(chooseSources({ ...input, log: gone })).toEqual({
      tail: false,
      relay: { server: standing.server, from: at('2:500') },
    });
    const steps = planRecovery({ ...input, log: gone }).plan.steps;
    expect(find(steps, 'drain-applier:b:3306')).toMatchObject({ thenStop: true, needs: ['save-relay:b:3306'] });
    expect(before(steps, 'reach-target:b:3306')).toContain('point-to-recovery:b:3306');
    expect(chooseSources({ ...input, log: readable })).toEqual({ tail: true });
    const running = contender('b', {
      received: '3:900',
      executed: '2:500',
      channel: { ...halted, applier: 'running' },
    });
    expect(chooseSources({ ...input, chosen: running, contenders: [running, level], log: gone })).toEqual({
      tail: false,
    });
  });

  it('is the newest relay log where it cannot', () => {
    expect(
      chooseSources({
        source,
        chosen: newest,
        contenders: [newest, behind],
        log: gone,
        completeFirst: false,
        ...open,
      }),
    ).toEqual({
      tail: false,
      relay: { server: newest.server, from: at('2:100') },
    });
  });

  it('is both where the dead disk ends before what a replica has', () => {
    const disk: DeadLog = { readable: true, logs: [], end: at('3:500') };
    expect(
      chooseSources({ source, chosen: newest, contenders: [newest, behind], log: disk, completeFirst: false, ...open }),
    ).toEqual({
      tail: true,
      relay: { server: newest.server, from: at('2:100') },
    });
  });

  it('counts a disk with a defect only up to it', () => {
    const disk: DeadLog = { readable: true, logs: [], end: at('3:5000'), trustedUpTo: at('3:100') };
    expect(
      chooseSources({ source, chosen: newest, contenders: [newest, behind], log: disk, completeFirst: false, ...open })
        .relay?.server,
    ).toBe(newest.server);
  });

  it.each<[string, string, 'level' | 'behind', Sources]>([
    ['beyond all replicas', '3:901', 'level', { tail: true }],
    ['beyond all replicas, one being behind', '3:901', 'behind', { tail: true }],
    ['as far as the newest one, for who is behind it', '3:900', 'behind', { tail: true }],
    ['as far as the newest one, all being level', '3:900', 'level', { tail: false }],
    ['between two: both', '3:500', 'behind', { tail: true, relay: { server: newest.server, from: at('2:100') } }],
    ['not as far as anybody', '2:100', 'behind', { tail: false, relay: { server: newest.server, from: at('2:100') } }],
    ['not as far as anybody, all being level', '1:500', 'level', { tail: false }],
  ])('is a copy that goes %s (%s)', (_, end, other, sources) => {
    const log: DeadLog = {
      readable: true,
      logs: [{ host: serverId('x', 3306), binlogBase: '/c/bin', end: at(end), copy: 'binlog1 x' }],
      end: at(end),
    };
    const second = other === 'behind' ? behind : contender('c', { received: '3:900' });
    const input = { source, chosen: newest, contenders: [newest, second], log, completeFirst: false, ...open };
    expect(chooseSources(input)).toEqual(sources);
    const save = planRecovery(input).plan.steps.find((one) => one.do === 'save-tail');
    if (sources.tail) expect(save).toMatchObject({ server: source, logs: log.logs });
    else expect(save).toBeUndefined();
    // Without the rest, what a copy has in between brings nobody level.
    const unfit = chooseSources({ ...input, relayUnfit: new Set([newest.server]) });
    expect(unfit).toEqual({ tail: sources.tail && sources.relay === undefined });
  });

  it('is nowhere when all are level and the disk is gone', () => {
    const equal = contender('c', { received: '3:900' });
    expect(
      chooseSources({ source, chosen: newest, contenders: [newest, equal], log: gone, completeFirst: false, ...open }),
    ).toEqual({
      tail: false,
    });
  });
});

describe('the recovery plan', () => {
  const b = contender('b', { received: '3:900' });
  const c = contender('c', { received: '2:100' });
  const steps = plan(b, [c], readable);

  it('is a graph without a cycle in which every need exists', () => {
    const ids = new Set(steps.map((step) => step.id));
    for (const step of steps) {
      for (const need of step.needs) expect(ids, `${step.id} needs ${need}`).toContain(need);
      expect(before(steps, step.id), step.id).not.toContain(step.id);
    }
  });

  it('opens the new source only after it is level, stopped, recorded and the old one was looked at again', () => {
    const needed = before(steps, `open-for-writes:${b.server}`);
    for (const id of ['reach-target', 'stop-replication', 'record-position'])
      expect(needed).toContain(`${id}:${b.server}`);
    expect(needed).toContain(`complete-tail:${source}`);
    expect(needed).toContain(`look-again:${source}`);
  });

  it('lets the site cut the power only when no other candidate can need the disk any more', () => {
    const cut = `hook:${source}:shutdown`;
    expect(before(steps, cut)).toContain(`record-position:${b.server}`);
    expect(before(steps, `open-for-writes:${b.server}`)).toContain(cut);
    expect([...before(plan(b, [c], gone), cut)]).toEqual([]);
  });

  it('lets the new source wait for semi-synchronous replicas only once they follow it', () => {
    expect(before(steps, `open-for-writes:${b.server}`)).toContain(`arm-semi-sync:${b.server}`);
    expect(before(steps, `settle-semi-sync:${b.server}`)).toContain(`repoint:${c.server}`);
  });

  it('never lets another replica hold up the promotion', () => {
    for (const id of before(steps, `open-for-writes:${b.server}`)) {
      const step = steps.find((one) => one.id === id);
      if (step?.server === c.server) expect(step.onFailure).toBe('note');
      expect(id).not.toMatch(/^(repoint|point-to-recovery|reach-target|save-laggard-range).*c:3306/);
    }
  });

  it('waits for the newest replica to apply only where that one may hold more than the log of the source', () => {
    const newest = contender('c', { received: '3:900', executed: '1:4' });
    const opening = `open-for-writes:${b.server}`;
    const behind = contender('b', { received: '3:800', settings: { candidateMaster: true } });
    const waits = (log: DeadLog): boolean =>
      before(plan(behind, [newest], log), opening).has(`drain-applier:${newest.server}`);
    expect(waits(readable)).toBe(false);
    expect(find(plan(behind, [newest], readable), `complete-tail:${source}`)).toMatchObject({ covers: at('3:900') });
    expect(waits({ readable: true, logs: [], end: at('3:850') })).toBe(true);
    expect(waits({ readable: true, logs: [], end: at('3:5000'), trustedUpTo: at('3:850') })).toBe(true);
  });

  it('waits for it, too, where nobody knows how far it has received', () => {
    const at9 = { gtid: { ...contender('c').state.gtid, slavePos: '0-1-9' } };
    const made = contender('c', { received: '3:900', state: at9 });
    const channel: { -readonly [K in keyof typeof made.channel]: (typeof made.channel)[K] } = { ...made.channel };
    delete channel.received;
    const behind = contender('b', { received: '3:800', settings: { candidateMaster: true } });
    const waiting = plan(behind, [{ ...made, channel }], readable);
    expect(before(waiting, `open-for-writes:${behind.server}`)).toContain(`drain-applier:${made.server}`);
  });

  it('repoints a replica only after it is level itself and the new source is open', () => {
    const needed = before(steps, `repoint:${c.server}`);
    expect(needed).toContain(`reach-target:${c.server}`);
    expect(needed).toContain(`open-for-writes:${b.server}`);
  });

  it('makes the new source forget the old one last of all', () => {
    expect(before(steps, `forget-source:${b.server}`)).toContain(`repoint:${c.server}`);
  });

  it('sets the newest relay log aside before our own CHANGE can remove it', () => {
    expect(before(steps, `point-to-recovery:${b.server}`)).toContain(`set-aside-relay:${b.server}`);
  });

  it('copies the relay log before anybody drains where it is the source', () => {
    const without = plan(b, [c], gone);
    expect(before(without, `drain-applier:${b.server}`)).toContain(`save-relay:${b.server}`);
    expect(before(without, `point-to-recovery:${c.server}`)).toContain(`save-relay:${b.server}`);
    expect(without.some((step) => step.id === `point-to-recovery:${b.server}`)).toBe(false);
  });

  it('fetches what only a laggard needs after the promotion', () => {
    const id = `save-laggard-range:${source}:${c.server}`;
    expect(before(steps, id)).toContain(`open-for-writes:${b.server}`);
    expect(before(steps, `point-to-recovery:${c.server}`)).toContain(id);
  });

  it('repoints nothing before the whole tail is known when a complete rescue is required', () => {
    const strict = plan(b, [c], readable, true);
    expect(before(strict, `point-to-recovery:${b.server}`)).toContain(`complete-tail:${source}`);
    expect(before(steps, `point-to-recovery:${b.server}`)).not.toContain(`complete-tail:${source}`);
  });

  it('gives up a replica without giving up the run, and the chosen one by planning again', () => {
    expect(find(steps, `reach-target:${c.server}`).onFailure).toBe('give-up-server');
    expect(find(steps, `reach-target:${b.server}`).onFailure).toBe('replan');
  });
});

describe('a chosen one behind the newest', () => {
  const b = contender('b', { received: '3:500', settings: { candidateMaster: true } });
  const c = contender('c', { received: '3:900' });
  const input = { source, chosen: b, contenders: [b, c], log: gone, completeFirst: false, ...open };
  const reaching = (made: readonly Step[]): Step => find(made, `reach-target:${b.server}`);

  it('needs all of that one’s relay log where there is nothing else', () => {
    const { steps } = planRecovery(input).plan;
    expect(find(steps, `save-relay:${c.server}`)).toMatchObject({ whole: true });
    expect(reaching(steps)).not.toHaveProperty('asMuchAs');
  });

  it.each([
    ['that cannot be read', { relayUnfit: new Set([c.server]) }],
    ['nor be brought to it', { unserved: new Set([b.server]) }],
  ])('must have as much without it: %s', (_what, changes) => {
    const { steps } = planRecovery({ ...input, ...changes }).plan;
    expect(reaching(steps)).toMatchObject({ asMuchAs: c.server, after: [`drain-applier:${c.server}`] });
  });

  it('is compared with nobody where all have as much, or a log is served', () => {
    const level = contender('c', { received: '3:500' });
    expect(reaching(plan(b, [level], gone))).not.toHaveProperty('asMuchAs');
    expect(reaching(plan(b, [c], readable))).not.toHaveProperty('asMuchAs');
  });
});

describe('a replica that the recovery source cannot be brought to', () => {
  const b = contender('b', { received: '3:900', state: { logReplicaUpdates: true } });
  const gtid = { channel: { mode: 'gtid-slave-pos' } } as const;
  const c = contender('c', { received: '2:100', ...gtid });
  const input = {
    source,
    chosen: b,
    contenders: [b, c],
    log: readable,
    completeFirst: false,
    relayUnfit: new Set<ServerId>(),
  };

  it('takes what it misses from the new source by GTID', () => {
    const { plan: made } = planRecovery({ ...input, unserved: new Set([c.server]) });
    expect(made.steps.some((step) => step.id === `serve:${c.server}`)).toBe(false);
    expect(find(made.steps, `repoint:${c.server}`).needs).toEqual([
      `drain-applier:${c.server}`,
      `open-for-writes:${b.server}`,
    ]);
  });

  it('must be level first where the file has it follow by coordinates', () => {
    const told = contender('c', { received: '2:100', ...gtid, settings: { useGtidAutoPos: false } });
    const { plan: made } = planRecovery({ ...input, contenders: [b, told], unserved: new Set([told.server]) });
    expect(find(made.steps, `repoint:${told.server}`).needs).toContain(`reach-target:${told.server}`);
  });

  it.each([
    ['the same where there is nothing to be served', c, b, true],
    [
      'from its own relay log where that has it',
      contender('c', { received: '3:900', executed: '2:100', ...gtid }),
      b,
      false,
    ],
    ['nothing so by coordinates', contender('c', { received: '2:100' }), b, false],
  ])('takes %s', (_what, late, chosen, byGtid) => {
    const { plan: made } = planRecovery({
      ...input,
      chosen,
      contenders: [chosen, late],
      log: gone,
      unserved: new Set(),
      relayUnfit: new Set([b.server]),
    });
    expect(find(made.steps, `repoint:${late.server}`).needs.includes(`reach-target:${late.server}`)).toBe(!byGtid);
    expect(made.steps.some((step) => step.id === `catch-up-by-gtid:${late.server}`)).toBe(byGtid);
  });

  it('must be level first where the new source does not write replicated events into its binary log', () => {
    const closed = contender('b', { received: '3:900' });
    const { plan: made } = planRecovery({
      ...input,
      chosen: closed,
      contenders: [closed, c],
      unserved: new Set([c.server]),
    });
    expect(find(made.steps, `repoint:${c.server}`).needs).toContain(`reach-target:${c.server}`);
  });

  it('is promoted with what it has when it is the chosen one', () => {
    const { plan: made, sources } = planRecovery({ ...input, unserved: new Set([b.server]) });
    expect(sources.tail).toBe(false);
    expect(before(made.steps, `open-for-writes:${b.server}`)).not.toContain(`save-tail:${source}`);
  });

  it('leaves its relay log out when that cannot be read', () => {
    const { sources } = planRecovery({ ...input, log: gone, unserved: new Set(), relayUnfit: new Set([b.server]) });
    expect(sources).toEqual({ tail: false });
  });
});

describe('the writer’s address in a failover', () => {
  const chosen = contender('b');
  const input = { source, chosen, contenders: [chosen, contender('c')], log: readable, completeFirst: false, ...open };

  it('leaves the old host after the site’s power script, and comes to the new one right before the opening', () => {
    const { steps } = planRecovery({ ...input, movesAddress: true }).plan;
    expect(before(steps, 'release-address:a:3306')).toContain('hook:a:3306:shutdown');
    expect([...before(steps, 'take-address:b:3306')]).toEqual(
      expect.arrayContaining(['release-address:a:3306', 'look-again:a:3306', 'record-position:b:3306']),
    );
    expect(before(steps, 'hook:b:3306:ip-start')).toContain('take-address:b:3306');
    expect(before(steps, 'open-for-writes:b:3306')).toContain('take-address:b:3306');
    expect(before(steps, 'open-for-writes:b:3306')).not.toContain('announce-address:b:3306');
    expect(before(steps, 'verify-address:b:3306')).toContain('announce-address:b:3306');
    expect(find(steps, 'release-address:a:3306').onFailure).toBe('abort');
    expect(find(steps, 'take-address:b:3306').onFailure).toBe('abort');
  });

  it('is taken from a host with a shell as soon as the replicas freeze, and left alone where none is configured', () => {
    const members = [{ server: chosen.server, channel: '' }];
    const early = find(planFreeze(source, members, true).steps, 'release-address:a:3306');
    expect(early).toMatchObject({ onFailure: 'note', needs: [], after: ['hook:a:3306:ip-stop'] });
    const without = [...planFreeze(source, members).steps, ...planRecovery(input).plan.steps];
    expect(without.filter(({ do: kind }) => kind.endsWith('-address'))).toEqual([]);
  });
});

describe('what an operator wants left out', () => {
  const chosen = contender('b', { received: '3:900' });
  const behind = contender('c', { received: '2:100' });
  const wish = (wishes: Partial<FailoverWishes>, more: Partial<RecoveryInput> = {}): readonly Step[] =>
    planRecovery({
      source,
      chosen,
      contenders: [chosen, behind],
      log: readable,
      completeFirst: false,
      ...open,
      wishes: { ...everything, ...wishes },
      ...more,
    }).plan.steps;

  it('the new source stays closed, and is promoted all the same', () => {
    expect(find(wish({ open: false }), 'open-for-writes:b:3306')).toMatchObject({ stayClosed: true });
    expect(find(wish({}), 'open-for-writes:b:3306')).not.toHaveProperty('stayClosed');
  });

  it('nobody is repointed; the others are levelled', () => {
    const steps = wish({ repoint: false });
    expect(steps.filter((one) => one.do === 'repoint')).toEqual([]);
    expect(before(steps, 'restore-relay-purge:c:3306')).toContain('reach-target:c:3306');
  });

  describe('the wait for GTID', () => {
    const leader = contender('b', {
      received: '3:900',
      state: { logReplicaUpdates: true },
      channel: { mode: 'auto-position' },
    });
    const follower = contender('c', { received: '2:100', channel: { mode: 'auto-position' } });
    const byGtid = { chosen: leader, contenders: [leader, follower], unserved: new Set([follower.server]) };

    it('comes behind the repoint of one that takes what it misses from the new source', () => {
      const waiting = find(wish({}, byGtid), 'catch-up-by-gtid:c:3306');
      expect(waiting).toMatchObject({ needs: ['repoint:c:3306'], onFailure: 'give-up-server' });
    });

    it('is left out, and is not needed for one that is level before', () => {
      for (const steps of [wish({ waitForGtid: false }, byGtid), wish({})]) {
        expect(steps.filter((one) => one.do === 'catch-up-by-gtid')).toEqual([]);
      }
    });

    it('does not stand in for levelling where nobody is repointed', () => {
      expect(wish({ repoint: false }, byGtid).map(({ id }) => id)).toContain('reach-target:c:3306');
    });
  });
});
