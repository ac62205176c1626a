import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { restWatch } from '../../../src/failover/steps/at-rest.js';
import { Fault } from '../../../src/model/fault.js';
import type { Channel } from '../../../src/model/picture.js';
import { channelFrom, id, serverState } from '../../support/picture.js';

const b = id('b');
const at = (position: number): Channel['executed'] & object => ({ file: 'bin.000001', position });
/** The coordinator has read everything; the position shown stands before it. */
const read = channelFrom('a', { received: at(900), executed: at(500) });

/** A replica with four appliers; `busy` is what it answers look by look, `time` what the clock says then. */
function watch(busy: readonly (number | 'refused')[], parallelThreads = 4) {
  const facts = noFacts();
  facts.former.set(b, { server: b, state: serverState('b', { parallelThreads, checkpointMs: 300 }), channel: read });
  let now = 0;
  let look = 0;
  const ask = (): Promise<readonly { answer: number }[]> => {
    const answer = busy[Math.min(look++, busy.length - 1)];
    if (answer === 'refused' || answer === undefined)
      return Promise.reject(new Fault('SQL_FAILED', { server: b, errno: 1142, statement: '', message: 'denied' }));
    return Promise.resolve([{ answer }]);
  };
  const dialect = { busyAppliers: () => ({ text: '', values: [] }) };
  const world = {
    facts,
    clock: { now: () => now },
    servers: { ask, dialect: () => dialect },
    signal: new AbortController().signal,
  } as unknown as World;
  const isAtRest = restWatch(b, world);
  return {
    isAtRest,
    after: (ms: number, channel: Channel = read) => {
      now += ms;
      return isAtRest(channel);
    },
  };
}

describe('an applier is at rest', () => {
  it('when it has executed everything received', async () => {
    expect(await watch([3]).isAtRest(channelFrom('a', { received: at(900), executed: at(900) }))).toBe(true);
  });

  it('not because its receiver is shown before it, connected again by GTID or restarted', async () => {
    const rewound = channelFrom('a', {
      received: at(4),
      executed: at(500),
      applierState: 'Reading event from the relay log',
    });
    expect(await watch([0], 0).isAtRest(rewound)).toBe(false);
    expect(await watch([3]).isAtRest({ ...rewound, applier: 'stopped' })).toBe(false);
    expect(await watch([0], 0).isAtRest({ ...rewound, applierState: read.applierState })).toBe(true);
  });

  it('alone: when it has read its relay log', async () => {
    expect(await watch([3], 0).isAtRest(read)).toBe(true);
    expect(await watch([3], 0).isAtRest({ ...read, applierState: 'Reading event from the relay log' })).toBe(false);
    expect(await watch([3], 0).isAtRest({ ...read, applier: 'stopped' })).toBe(false);
  });

  it('with others: when none has work and the position has had its checkpoint', async () => {
    const replica = watch([2, 0, 0, 0, 0]);
    expect(await replica.after(0)).toBe(false);
    expect(await replica.after(400)).toBe(false);
    expect(await replica.after(200)).toBe(false);
    // It moved: the checkpoint had not come yet.
    expect(await replica.after(200, { ...read, executed: at(700) })).toBe(false);
    expect(await replica.after(360, { ...read, executed: at(700) })).toBe(true);
  });

  it('where nobody tells, when nothing has moved for long', async () => {
    const replica = watch(['refused']);
    expect(await replica.after(0)).toBe(false);
    expect(await replica.after(1_000)).toBe(false);
    expect(await replica.after(4_500)).toBe(true);
  });
});
