import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { saveRelay } from '../../../src/failover/steps/save-relay.js';
import type { Defect, SavedRange } from '../../../src/ports/recovery.js';
import { id } from '../../support/picture.js';
import { at, contender } from '../build.js';

const newest = contender('c', { received: '1:900', executed: '1:800' });

/** The relay log of c, which has received up to 1:900, gave this much of what b lacks from 1:500 on. */
async function saved(to: string, kind?: Defect['kind'], whole = true): Promise<World['facts']> {
  const defect = kind === undefined ? {} : { defect: { kind, at: at(to), text: `it is ${kind}` } };
  const bytes = at(to).position - 500;
  const range: SavedRange = { from: at('1:500'), to: at(to), bytes, transactions: 0, gtids: '', files: [], ...defect };
  const facts = noFacts();
  facts.former.set(newest.server, newest);
  facts.chosen = id('b');
  const world = {
    facts,
    recovery: { saveRelay: () => Promise.resolve(range) },
    servers: { channels: () => Promise.resolve([newest.channel]) },
    progress: () => undefined,
    signal: new AbortController().signal,
  } as unknown as World;
  const action = { do: 'save-relay', from: at('1:500'), ...(whole ? { whole } : {}) } as const;
  const saving = step(action, { phase: 'relay-difference', server: newest.server, onFailure: 'replan' });
  await saveRelay.perform(saving as never, world);
  return facts;
}

describe('a relay log that is all that one who is to lead can be levelled from', () => {
  it.each([
    ['all of it', '1:900', undefined],
    ['all but a transaction that was cut on its way', '1:800', 'torn'],
    ['all that this one needs, though another one needs more', '1:900', 'gap'],
  ] as const)('is taken where it gives %s', async (_what, to, kind) => {
    expect((await saved(to, kind)).target).toEqual(at(to));
  });

  it.each([
    ['it is encrypted', '1:500', 'encrypted'],
    ['nothing of the source is left in it', '1:500', 'gap'],
    ['it has a hole', '1:700', 'gap'],
    ['it is damaged in front of what that replica has executed', '1:700', 'torn'],
  ] as const)('is refused where %s', async (_what, to, kind) => {
    await expect(saved(to, kind)).rejects.toMatchObject({
      code: 'HISTORIES_APART',
      facts: { server: id('b'), other: id('c'), missing: `it is ${kind}` },
    });
  });

  it('is taken as it is where the one who leads does not need it', async () => {
    expect((await saved('1:700', 'gap', false)).target).toEqual(at('1:700'));
  });
});
