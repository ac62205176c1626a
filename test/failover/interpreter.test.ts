import { describe, expect, it } from 'vitest';
import { type Hand, type Hands, noFacts, type World } from '../../src/failover/hand.js';
import { runPlan } from '../../src/failover/interpreter.js';
import { leftBehind } from '../../src/failover/plan-result.js';
import { undoSteps } from '../../src/failover/undo.js';
import { type Action, type ActionKind, type OnFailure, type Plan, type Step, step } from '../../src/failover/plan.js';
import { hands as realHands } from '../../src/failover/hands.js';
import { serverId } from '../../src/model/settings.js';
import type { Happening } from '../../src/ports/events.js';
import type { JournalEntry } from '../../src/ports/workdir.js';

const b = serverId('b', 3306);
const c = serverId('c', 3306);

interface Script {
  readonly fails?: readonly string[];
  readonly already?: readonly string[];
  readonly undoFails?: readonly string[];
  /** Steps that only end once this other step was performed. */
  readonly waitsFor?: Readonly<Record<string, string>>;
  readonly whileReleasing?: () => Promise<void>;
  /** Ends only once a lease is being given back. */
  readonly waitsForRelease?: string;
}

/** A world in which every step only writes down that it was done, and fails where the script says so. */
function scripted(script: Script): {
  world: World;
  hands: Hands;
  log: string[];
  journal: string[];
  events: Happening[];
} {
  const log: string[] = [];
  const journal: string[] = [];
  const events: Happening[] = [];
  const waiting = new Map<string, () => void>();
  const hand: Hand<ActionKind> = {
    title: ({ id }) => id,
    deadlineMs: 60_000,
    already: ({ id }) => Promise.resolve(script.already?.includes(id) ?? false),
    async perform({ id }) {
      const other = script.waitsFor?.[id];
      if (other !== undefined && !log.includes(`perform ${other}`)) {
        await new Promise<void>((resolve) => waiting.set(other, resolve));
      }
      if (script.waitsForRelease === id) await new Promise<void>((resolve) => waiting.set('release', resolve));
      log.push(`perform ${id}`);
      waiting.get(id)?.();
      if (script.fails?.includes(id) === true) throw new Error(`${id} broke`);
    },
    undo({ id }) {
      log.push(`undo ${id}`);
      return script.undoFails?.includes(id) === true ? Promise.reject(new Error('stuck')) : Promise.resolve();
    },
    show: () => [],
  };
  const lease: Hand<ActionKind> = {
    ...hand,
    async release({ id }) {
      log.push(`release ${id}`);
      waiting.get('release')?.();
      await script.whileReleasing?.();
    },
  };
  const kinds = Object.keys(realHands) as ActionKind[];
  const hands = Object.fromEntries(kinds.map((kind) => [kind, kind === 'serve' ? lease : hand])) as unknown as Hands;
  const append = (entry: JournalEntry): Promise<void> => {
    journal.push(`${entry.what} ${entry.step ?? ''}`.trim());
    if (entry.step !== undefined) log.push(`journal ${entry.what} ${entry.step}`);
    return Promise.resolve();
  };
  const partial = {
    clock: { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() },
    events: { emit: (happening: Happening) => events.push(happening) },
    folder: { journal: { append } },
    facts: noFacts(),
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  return { world: partial as unknown as World, hands, log, journal, events };
}

function make(action: Action, server: typeof b, needs: readonly string[] = [], onFailure: OnFailure = 'abort'): Step {
  return step(action, { phase: 'freeze', server, needs, onFailure });
}

const keepB = make({ do: 'keep-relay-logs' }, b);
const keepC = make({ do: 'keep-relay-logs' }, c, [], 'give-up-server');
const stopB = make({ do: 'stop-receiver', channel: '' }, b, [keepB.id]);
const stopC = make({ do: 'stop-receiver', channel: '' }, c, [keepC.id], 'give-up-server');

function plan(...steps: Step[]): Plan {
  return { name: 'freeze', steps };
}

describe('the interpreter', () => {
  it('runs a step only after what it needs, and tells the journal before it acts', async () => {
    const { world, hands, log } = scripted({});
    const result = await runPlan(plan(stopB, keepB), hands, world);
    expect(result.ended).toBe('done');
    expect(log).toEqual([
      `journal intend ${keepB.id}`,
      `perform ${keepB.id}`,
      `journal done ${keepB.id}`,
      `journal intend ${stopB.id}`,
      `perform ${stopB.id}`,
      `journal done ${stopB.id}`,
    ]);
  });

  it('runs what is ready at the same time', async () => {
    // Each of the two can only end when the other has begun: run one after the other they would never end.
    const { world, hands } = scripted({ waitsFor: { [keepB.id]: keepC.id } });
    expect((await runPlan(plan(keepB, keepC), hands, world)).ended).toBe('done');
  });

  it('leaves out what is already so', async () => {
    const { world, hands, log } = scripted({ already: [keepB.id] });
    const result = await runPlan(plan(keepB, stopB), hands, world);
    expect(result.done.map(({ id }) => id)).toEqual([stopB.id]);
    expect(log).not.toContain(`perform ${keepB.id}`);
  });

  it('gives up one server and goes on with the others', async () => {
    const { world, hands, log } = scripted({ fails: [keepC.id] });
    const result = await runPlan(plan(keepB, keepC, stopB, stopC), hands, world);
    expect(result.ended).toBe('done');
    expect(result.skipped.map(({ id }) => id)).toEqual([stopC.id]);
    expect([...leftBehind(result)]).toEqual([[c, `${keepC.id} broke`]]);
    expect(log).toContain(`perform ${stopB.id}`);
  });

  it('starts nothing more after an abort', async () => {
    const { world, hands, log } = scripted({ fails: [keepB.id] });
    const result = await runPlan(plan(keepB, stopB), hands, world);
    expect(result.ended).toBe('abort');
    expect(log).not.toContain(`perform ${stopB.id}`);
  });

  it('counts an abort for more than a call for a new plan', async () => {
    const replan = make({ do: 'record-position' }, c, [], 'replan');
    const { world, hands } = scripted({ fails: [keepB.id, replan.id] });
    expect((await runPlan(plan(replan, keepB), hands, world)).ended).toBe('abort');
  });

  it('runs what only waits for an end even when that ended badly', async () => {
    const last = step(
      { do: 'restore-relay-purge' },
      { phase: 'repoint', server: b, after: [keepC.id], onFailure: 'note' },
    );
    const { world, hands, log } = scripted({ fails: [keepC.id] });
    await runPlan(plan(keepC, last), hands, world);
    expect(log).toContain(`perform ${last.id}`);
  });

  it('gives a lease back when its dependants have ended, and not before', async () => {
    const serve = make({ do: 'serve' }, b);
    const point = make({ do: 'point-to-recovery', channel: '' }, b, [serve.id]);
    const reach = make({ do: 'reach-target', channel: '' }, b, [serve.id, point.id]);
    const { world, hands, log } = scripted({});
    await runPlan(plan(serve, point, reach), hands, world);
    expect(log.indexOf(`release ${serve.id}`)).toBeGreaterThan(log.indexOf(`perform ${reach.id}`));
    expect(log.filter((line) => line.startsWith('release'))).toHaveLength(1);
  });

  it('gives leases back after an abort too', async () => {
    const serve = make({ do: 'serve' }, b);
    const point = make({ do: 'point-to-recovery', channel: '' }, b, [serve.id]);
    const { world, hands, log } = scripted({ fails: [point.id] });
    await runPlan(plan(serve, point), hands, world);
    expect(log).toContain(`release ${serve.id}`);
  });

  it('goes on with what became ready while a lease was given back', async () => {
    const serve = make({ do: 'serve' }, c);
    const point = make({ do: 'point-to-recovery', channel: '' }, c, [serve.id]);
    const journal: string[] = [];
    // As slow as it takes for the last running step to end meanwhile.
    const whileReleasing = async (): Promise<void> => {
      while (!journal.includes(`done ${keepB.id}`)) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    };
    const scene = scripted({ waitsFor: { [keepB.id]: point.id }, whileReleasing });
    const append = (entry: JournalEntry): Promise<void> => {
      journal.push(`${entry.what} ${entry.step ?? ''}`);
      return new Promise((resolve) => setImmediate(resolve));
    };
    const world = {
      ...scene.world,
      folder: { ...scene.world.folder, journal: { ...scene.world.folder.journal, append } },
    };
    const result = await runPlan(plan(serve, point, keepB, stopB), scene.hands, world);
    expect(result).toMatchObject({ ended: 'done', skipped: [] });
  });

  it('waits neither for a lease to be given back nor for another step before it goes on with what is ready', async () => {
    const serve = make({ do: 'serve' }, c);
    const point = make({ do: 'point-to-recovery', channel: '' }, c, [serve.id]);
    // keepB ends while the lease is given back, which takes until its dependant was done; keepC runs all the time.
    const whileReleasing = async (): Promise<void> => {
      while (!scene.log.includes(`perform ${stopB.id}`)) await new Promise((resolve) => setImmediate(resolve));
    };
    const scene = scripted({ waitsForRelease: keepB.id, waitsFor: { [keepC.id]: stopB.id }, whileReleasing });
    const result = await runPlan(plan(serve, point, keepB, stopB, keepC), scene.hands, scene.world);
    expect(result).toMatchObject({ ended: 'done', skipped: [] });
    expect(scene.log.indexOf(`perform ${keepC.id}`)).toBeGreaterThan(scene.log.indexOf(`perform ${stopB.id}`));
  });

  it.each([
    ['stops before it touches anything', undefined, [] as string[]],
    ['goes on behind the opening of the new source, and says so once', { server: b }, [keepB.id, stopB.id]],
  ])('%s when its journal takes nothing more', async (_what, opened, performed) => {
    const { world, hands, log, events } = scripted({});
    const append = ({ what }: JournalEntry): Promise<void> =>
      what === 'plan' ? Promise.resolve() : Promise.reject(new Error('ENOSPC'));
    const full = { ...world, facts: { ...world.facts, opened }, folder: { journal: { append } } };
    const result = await runPlan(plan(keepB, stopB), hands, full as unknown as World);
    expect(result.ended).toBe(opened === undefined ? 'abort' : 'done');
    expect(log.filter((line) => line.startsWith('perform'))).toEqual(performed.map((id) => `perform ${id}`));
    const warned = events.filter((event) => event.kind === 'note' && event.text.includes('ENOSPC'));
    expect(warned).toHaveLength(opened === undefined ? 0 : 1);
  });

  it('ends when its signal is raised', async () => {
    const { world, hands, log } = scripted({});
    const raised: World = { ...world, signal: AbortSignal.abort(new Error('Ctrl-C')) };
    expect((await runPlan(plan(keepB), hands, raised)).ended).toBe('abort');
    expect(log).not.toContain(`perform ${keepB.id}`);
  });

  it('tells each phase’s beginning and end once', async () => {
    const { world, hands, events } = scripted({});
    await runPlan(plan(keepB, stopB), hands, world);
    expect(events.filter(({ kind }) => kind === 'phase-started')).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'phase-ended')).toEqual([
      { kind: 'phase-ended', phase: 'freeze', ok: true, ms: 0 },
    ]);
  });
});

describe('undoing', () => {
  it('goes backwards and includes the step that failed half-way', async () => {
    const { world, hands, log } = scripted({ fails: [stopB.id] });
    const result = await runPlan(plan(keepB, stopB), hands, world);
    await undoSteps(result.touched, hands, world);
    expect(log.filter((line) => line.startsWith('undo'))).toEqual([`undo ${stopB.id}`, `undo ${keepB.id}`]);
  });

  it('goes on when one undo fails, and says which', async () => {
    const { world, hands, log } = scripted({ undoFails: [stopB.id] });
    const failures = await undoSteps([keepB, stopB], hands, world);
    expect(failures.map(({ step: failed }) => failed.id)).toEqual([stopB.id]);
    expect(log).toContain(`undo ${keepB.id}`);
  });

  it('never opens the old source again while the new one could not be closed', async () => {
    const stopWrites = make({ do: 'stop-writes' }, b);
    const open = make({ do: 'open-for-writes' }, c);
    const { world, hands, log } = scripted({ undoFails: [open.id] });
    await undoSteps([stopWrites, open], hands, world);
    expect(log).not.toContain(`undo ${stopWrites.id}`);
  });
});
