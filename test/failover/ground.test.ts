import { describe, expect, it } from 'vitest';
import { Ground } from '../../src/failover/ground.js';
import { noFacts, type World } from '../../src/failover/hand.js';
import { type Action, step } from '../../src/failover/plan.js';
import type { PlanResult } from '../../src/failover/plan-result.js';
import { everything } from '../../src/failover/wishes.js';
import { Fault } from '../../src/model/fault.js';
import type { SavedRange } from '../../src/ports/recovery.js';
import type { ServerId } from '../../src/model/settings.js';
import { clusterSettings, id } from '../support/picture.js';
import { at, contender, storyOf } from './build.js';

const settings = clusterSettings([]);
/** b is preferred; c has received more. */
const b = contender('b', { received: '1:500', settings: { candidateMaster: true } });
const c = contender('c', { received: '1:900' });

function ground(starts: 'again' | 'never' = 'again'): {
  readonly made: Ground;
  readonly facts: World['facts'];
  readonly begun: readonly string[];
} {
  const begun: string[] = [];
  const facts = noFacts();
  facts.chosen = b.server;
  facts.newest = c.server;
  const look = { port: 'refused', process: 'none', newestBinlog: at('1:700') } as const;
  const world = {
    facts,
    settings,
    source: { id: id('a'), serverId: 1, gtidMode: '', domainId: 0, binlogBase: '/var/lib/mysql/bin' },
    fence: { look: () => Promise.resolve(look) },
    clock: { sleep: () => Promise.resolve() },
    events: { emit: () => undefined },
    folder: { path: '/run' },
    recovery: {
      begin: ({ runDir }: { runDir: string }) =>
        starts === 'again'
          ? Promise.resolve(void begun.push(runDir))
          : Promise.reject(new Fault('RECOVERY_THREAD_DIED', { message: 'no memory' })),
    },
    signal: new AbortController().signal,
  } as unknown as World;
  const rules = { wishes: everything, unserved: new Map<ServerId, string>() };
  return { made: new Ground(rules, world, storyOf({ settings, source: id('a') })), facts, begun };
}

function failed(action: Action, server: ServerId, error: unknown): PlanResult {
  const broken = step(action, { phase: 'save-binlog', server, onFailure: 'replan' });
  return { ended: 'replan', touched: [], done: [], skipped: [], failures: [{ step: broken, error }] };
}

const endsEarly = failed(
  { do: 'complete-tail' },
  id('a'),
  new Fault('TAIL_ENDS_EARLY', { end: 'bin.000001:700', server: c.server, at: 'bin.000001:900' }),
);
const relayUnreadable = failed({ do: 'save-relay' }, c.server, new Fault('RELAY_LOG_UNKNOWN', { server: c.server }));

describe('a log of the source that ends before what the newest replica has', () => {
  it('is joined with the relay log of that one, and without it another one leads', async () => {
    const { made, facts } = ground();
    await made.lookAtLog();
    const range: SavedRange = { from: at('1:4'), to: at('1:700'), bytes: 9, transactions: 0, gtids: '', files: [] };
    facts.saved.push({ from: id('a'), kind: 'tail', range });
    await made.learn(endsEarly);
    expect(made.elect([b, c]).chosen).toBe(b);
    expect(made.plan(b, [b, c]).sources).toMatchObject({ tail: true, relay: { server: c.server } });
    await made.learn(relayUnreadable);
    expect(made.elect([b, c]).chosen).toBe(b);
    await made.learn(endsEarly);
    expect(made.elect([b, c]).chosen).toBe(c);
  });
});

describe('a recovery thread that dies', () => {
  const died = (): PlanResult =>
    failed({ do: 'save-tail', logs: [] }, id('a'), new Fault('RECOVERY_THREAD_DIED', { message: 'out of memory' }));

  it('is no reason to leave what the disk holds: it is read once more, and not without end', async () => {
    const { made, facts, begun } = ground();
    await made.lookAtLog();
    const range: SavedRange = { from: at('1:4'), to: at('1:600'), bytes: 9, transactions: 0, gtids: '', files: [] };
    facts.saved.push({ from: id('a'), kind: 'tail', range });
    await made.learn(died());
    expect([begun, facts.saved]).toEqual([['/run'], []]);
    expect(made.plan(b, [b, c]).sources.tail).toBe(true);
    await made.learn(died());
    expect(begun).toHaveLength(1);
    expect(made.plan(b, [b, c]).sources.tail).toBe(false);
  });
});

it('a recovery thread is done without where no other one can be started', async () => {
  const { made } = ground('never');
  await made.lookAtLog();
  const died = new Fault('RECOVERY_THREAD_DIED', { message: 'out of memory' });
  await made.learn(failed({ do: 'save-tail', logs: [] }, id('a'), died));
  expect(made.plan(b, [b, c]).sources.tail).toBe(false);
});

describe('the last look at the old source', () => {
  const looked = (error: unknown): PlanResult => failed({ do: 'look-again' }, id('a'), error);

  it('leads to a new plan where its log has grown, with what it holds now', async () => {
    const { made, facts } = ground();
    const places = { before: 'bin.000001:600', now: 'bin.000001:700' };
    await made.learn(looked(new Fault('TAIL_GREW', { server: id('a'), ...places })));
    expect(facts.diskEnd).toEqual(at('1:700'));
    expect(made.elect([b, c]).chosen).toBe(b);
  });

  it('ends the run where that source is back', async () => {
    const { made } = ground();
    const back = new Fault('SOURCE_RETURNED', { server: id('a'), sign: 'its process runs' });
    await expect(made.learn(looked(back))).rejects.toBe(back);
  });
});
