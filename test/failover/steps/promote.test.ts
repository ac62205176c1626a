import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { openForWrites } from '../../../src/failover/steps/promote.js';
import { watchWriteBlock } from '../../../src/failover/write-block.js';
import { serverId } from '../../../src/model/settings.js';
import { statement } from '../../../src/model/statement.js';

const b = serverId('b', 3306);

describe('opening the new source', () => {
  it('ends the limit under which clients were kept from writing: nothing is given up behind it', async () => {
    const log: string[] = [];
    let timeIsUp = (): void => undefined;
    const clock = {
      now: () => 0,
      wall: () => 0,
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          timeIsUp = resolve;
          signal?.addEventListener('abort', () => reject(new Error('ended')), { once: true });
        }),
    };
    const block = watchWriteBlock(clock, 3_000);
    block.begin();
    const world = {
      clock,
      writeBlock: block,
      signal: block.signal,
      facts: { ...noFacts(), recorded: { at: { file: 'bin.000001', position: 4 }, gtid: '' } },
      servers: {
        dialect: () => ({ readOnly: () => [statement('open')] }),
        run: () => Promise.resolve(void log.push('open')),
      },
    };
    const opening = step({ do: 'open-for-writes' }, { phase: 'promote', server: b, onFailure: 'abort' });
    await openForWrites.perform(opening as never, world as unknown as World);
    timeIsUp();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['open']);
    expect(block.signal.aborted).toBe(false);
  });

  it('leaves in the journal where the others go on, for whoever comes after a kill', () => {
    const opening = step({ do: 'open-for-writes' }, { phase: 'promote', server: b, onFailure: 'abort' });
    const world = (known: Partial<World['facts']>): World =>
      ({ facts: { ...noFacts(), ...known }, source: { id: serverId('a', 3306) } }) as unknown as World;
    const said = (known: Partial<World['facts']>): string | undefined =>
      openForWrites.remember?.(opening as never, world(known));
    const at = { file: 'bin.000001', position: 328 };
    const target = { file: 'old.000007', position: 900 };
    expect(said({ target, recorded: { at, gtid: '0-1-7' } })).toBe(
      'who has executed old.000007:900 of a:3306 goes on from bin.000001:328 of b:3306, GTID 0-1-7',
    );
    expect(said({ recorded: { at, gtid: '' } })).toBe('who is level goes on from bin.000001:328 of b:3306');
    expect(said({})).toBeUndefined();
  });
});
