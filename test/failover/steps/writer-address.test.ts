import { describe, expect, it } from 'vitest';
import { noFacts, type RunFacts, type World } from '../../../src/failover/hand.js';
import { type Action, type ActionKind, type Step, step } from '../../../src/failover/plan.js';
import { hands } from '../../../src/failover/hands.js';
import { Fault } from '../../../src/model/fault.js';
import type { Reach } from '../../../src/model/picture.js';
import { type ServerId, serverId } from '../../../src/model/settings.js';
import { clusterSettings, serverSettings, serverState } from '../../support/picture.js';
import { contender } from '../build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];
const unreachable = new Fault('SSH_UNREACHABLE', { host: 'a', address: '10.0.0.1', port: 22, message: 'no route' });

interface Script {
  /** Hosts that have the address at first. */
  readonly held?: readonly ServerId[];
  /** Hosts without a shell. */
  readonly silent?: readonly ServerId[];
  /** What signsOfLife says, look after look; the last one stays. */
  readonly signs?: readonly (readonly string[])[];
  /** Removing has no effect. */
  readonly stuck?: boolean;
  readonly answers?: readonly Reach[];
  readonly facts?: Partial<RunFacts>;
}

/** Hosts that have the address or not, and write down what is done to them. */
function scripted(script: Script) {
  const held = new Set<string>(script.held ?? []);
  const done: string[] = [];
  const signs = [...(script.signs ?? [[]])];
  const answers = [...(script.answers ?? [])];
  let now = 0;
  const onHost = (server: ServerId): void => {
    if (script.silent?.includes(server) === true) throw unreachable;
  };
  const addresses = {
    look: async (server: ServerId) => {
      await Promise.resolve();
      onHost(server);
      return held.has(server) ? { interface: 'eth0', prefix: 24 } : undefined;
    },
    add: (server: ServerId) => {
      done.push(`add ${server}`);
      held.add(server);
      return Promise.resolve();
    },
    remove: (server: ServerId) => {
      done.push(`remove ${server}`);
      if (script.stuck !== true) held.delete(server);
      return Promise.resolve();
    },
    announce: (server: ServerId) => {
      done.push(`announce ${server}`);
      return Promise.resolve('perl');
    },
    signsOfLife: () => Promise.resolve((signs.length > 1 ? signs.shift() : signs[0]) ?? []),
    through: () => Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]),
  };
  const facts = {
    ...noFacts(),
    sshReachable: true,
    former: new Map([[b, contender('b')]]),
    ...script.facts,
  };
  const partial = {
    addresses,
    facts,
    settings: clusterSettings([serverSettings('a'), serverSettings('b')], {
      writerVip: { address: '10.0.0.100', prefix: 24 },
    }),
    clock: {
      now: () => now,
      wall: () => 0,
      sleep: (ms: number) => {
        now += ms;
        return Promise.resolve();
      },
    },
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  return { world: partial as unknown as World, done, held, facts: facts };
}

function made<K extends ActionKind>(action: Action & { do: K }, server: ServerId): Step & Action & { do: K } {
  return step(action, { phase: 'promote', server, onFailure: 'abort' }) as Step & Action & { do: K };
}

const release = made({ do: 'release-address' }, a);
const take = made({ do: 'take-address' }, b);
const verify = made({ do: 'verify-address' }, b);

async function releasing(world: World): Promise<void> {
  await hands['release-address'].perform(release, world);
  await hands['release-address'].verify?.(release, world);
}

const answered = (name: string, readOnly: boolean): Reach => ({
  kind: 'answered',
  state: serverState(name, { readOnly }),
});

describe('taking the address from the old host', () => {
  it('removes it where it is, looks, and gives it back as it was when the run fails', async () => {
    const { world, done, held, facts } = scripted({ held: [a] });
    await releasing(world);
    expect([...held]).toEqual([]);
    expect(facts.addressReleased).toBe('removed');
    await hands['release-address'].undo?.(release, world);
    expect(done).toEqual([`remove ${a}`, `add ${a}`, `announce ${a}`]);
    expect(facts.addressReleased).toBeUndefined();
  });

  it('gives nothing back that was not there', async () => {
    const { world, done, facts } = scripted({});
    await releasing(world);
    expect(facts.addressReleased).toBe('absent');
    await hands['release-address'].undo?.(release, world);
    expect(done).toEqual([]);
  });

  it('is not done while the host still has it', async () => {
    const { world, facts } = scripted({ held: [a], stuck: true });
    await expect(releasing(world)).rejects.toMatchObject({ code: 'WRITER_ADDRESS_NOT_MOVED' });
    expect(facts.addressReleased).toBeUndefined();
    expect(await hands['release-address'].already?.(release, world)).toBe(false);
  });

  it.each([true, false])(
    'without a shell goes on only when nothing answers there (shell expected: %s)',
    async (sshReachable) => {
      const gone = scripted({ silent: [a], signs: [[]], facts: { sshReachable } });
      await releasing(gone.world);
      expect(gone.facts.addressReleased).toBe('silent');
      const alive = scripted({
        silent: [a],
        signs: [['a (10.0.0.1:3306) answers, seen from b']],
        facts: { sshReachable },
      });
      await expect(releasing(alive.world)).rejects.toMatchObject({
        code: 'WRITER_ADDRESS_NOT_MOVED',
        facts: { why: expect.stringContaining('seen from b') as unknown },
      });
      expect(alive.facts.addressReleased).toBeUndefined();
    },
  );

  it('gives a machine whose power was cut the time to go', async () => {
    const dying = Array.from({ length: 20 }, () => ['it answers']);
    const off = { hook: 'shutdown_script', outcome: 'ok', output: '' };
    const script = { silent: [a], signs: [...dying, []] };
    const cut = scripted({ ...script, facts: { hookResults: [off] } });
    await releasing(cut.world);
    expect(cut.facts.addressReleased).toBe('silent');
    await expect(releasing(scripted(script).world)).rejects.toMatchObject({ code: 'WRITER_ADDRESS_NOT_MOVED' });
  });
});

describe('giving it to the new host', () => {
  it('adds it once, and takes it away again when the run fails', async () => {
    const { world, done, facts } = scripted({});
    expect(await hands['take-address'].already?.(take, world)).toBe(false);
    await hands['take-address'].perform(take, world);
    await hands['take-address'].verify?.(take, world);
    expect(await hands['take-address'].already?.(take, world)).toBe(true);
    expect(facts.addressAt).toBe(b);
    await hands['take-address'].undo?.(take, world);
    expect(done).toEqual([`add ${b}`, `remove ${b}`]);
    expect(facts.addressAt).toBeUndefined();
  });

  it('never leaves two hosts with it: the old one waits while the new one still answers', async () => {
    const taken = { addressHeld: { interface: 'eth0', prefix: 24 }, addressAt: b };
    const answering = scripted({ facts: taken, answers: [answered('b', true)] });
    await expect(hands['release-address'].undo?.(release, answering.world)).rejects.toMatchObject({
      code: 'WRITER_ADDRESS_NOT_MOVED',
    });
    expect(answering.done).toEqual([]);
    const gone = scripted({ facts: taken, answers: [{ kind: 'no-answer', message: 'no route' }] });
    await hands['release-address'].undo?.(release, gone.world);
    expect(gone.done).toEqual([`add ${a}`, `announce ${a}`]);
  });
});

describe('connecting through it', () => {
  it('waits until the new source is found there, open for writes', async () => {
    const none: Reach = { kind: 'no-answer', message: 'timed out' };
    const { world } = scripted({ answers: [none, answered('a', false), answered('b', true), answered('b', false)] });
    await hands['verify-address'].perform(verify, world);
  });

  it.each([
    ['another server', answered('a', false), 'another server answers there: a'],
    ['a closed one', answered('b', true), 'read-only'],
    ['nobody', { kind: 'no-answer', message: 'timed out' } as const, 'timed out'],
  ])('finds %s in the end', async (_, reach, words) => {
    const { world } = scripted({ answers: [reach] });
    await expect(hands['verify-address'].perform(verify, world)).rejects.toMatchObject({
      code: 'WRITER_ADDRESS_NOT_MOVED',
      facts: { why: expect.stringContaining(words) as unknown },
    });
  });
});
