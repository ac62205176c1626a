import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate } from '../../src/ssh/gate.js';

/** Whether it has settled once everything that needs nothing from outside has run. */
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.finally(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
};

describe('createGate', () => {
  it('lets the next in when one leaves, in order', async () => {
    const gate = createGate(1);
    const leave = await gate.enter();
    const second = gate.enter();
    const third = gate.enter();
    expect(await settled(second)).toBe(false);
    leave();
    leave(); // Leaving twice must not make room for two.
    expect(await settled(second)).toBe(true);
    expect(await settled(third)).toBe(false);
  });

  it('forgets one that gave up waiting', async () => {
    const gate = createGate(1);
    const leave = await gate.enter();
    const impatient = new AbortController();
    const second = gate.enter(impatient.signal);
    const third = gate.enter();
    impatient.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    leave();
    expect(await settled(third)).toBe(true);
    expect(gate.inside()).toBe(1);
  });

  it('lets in at once only where nobody waits', async () => {
    const gate = createGate(1);
    const leave = gate.tryEnter();
    expect(leave).toBeTypeOf('function');
    expect(gate.tryEnter()).toBeUndefined();
    const second = gate.enter();
    leave?.();
    expect(gate.tryEnter()).toBeUndefined();
    (await second)();
    expect(gate.tryEnter()).toBeTypeOf('function');
    expect(gate.inside()).toBe(1);
  });

  it('sends away who would wait behind the only session that is allowed, as soon as that is known', async () => {
    const gate = createGate(2);
    await gate.enter();
    const refused = await gate.enter();
    const movable = gate.enterUnlessTaken();
    const staying = gate.enter();
    expect(await settled(movable)).toBe(false);
    gate.narrow();
    expect(await movable).toBeUndefined();
    refused();
    expect(await gate.enterUnlessTaken()).toBeUndefined();
    expect(await settled(staying)).toBe(false);
  });

  it('narrows to what runs besides the refused one', async () => {
    const gate = createGate(8);
    const leaves = await Promise.all([gate.enter(), gate.enter(), gate.enter()]);
    gate.narrow();
    leaves[2]();
    const again = gate.enter();
    expect(await settled(again)).toBe(false);
    leaves[0]();
    expect(await settled(again)).toBe(true);
  });

  it('never has more inside than it allows, and ends empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (limit, plan) => {
          const gate = createGate(limit);
          const visit = async (givesUp: boolean): Promise<void> => {
            const controller = new AbortController();
            const entering = gate.enter(controller.signal);
            if (givesUp) controller.abort(new Error('gave up'));
            const leave = await entering.catch(() => () => undefined);
            expect(gate.inside()).toBeLessThanOrEqual(limit);
            await Promise.resolve();
            leave();
          };
          await Promise.all(plan.map(visit));
          expect(gate.inside()).toBe(0);
        },
      ),
    );
  });
});
