import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../src/failover/hand.js';
import { type FormerRecord, putBack, putBackAddress } from '../../src/failover/put-back.js';
import { Fault } from '../../src/model/fault.js';
import type { Channel, Reach } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import { contender } from './build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];
const former = contender('b');

/** A replica whose receiver says these, one after the other, once it was started; the last one for ever. */
function scripted(...said: readonly Partial<Channel>[]): { world: World; left: () => number; sent: string[] } {
  let time = 0;
  let isStarted = false;
  const looks = [...said];
  const sent: string[] = [];
  const servers = {
    channels: () => {
      const now = isStarted ? (looks.length > 1 ? looks.shift() : looks[0]) : {};
      return Promise.resolve([{ ...former.channel, ...now }]);
    },
    dialect: () => ({
      readOnly: (on: boolean) => [statement(on ? 'close' : 'open')],
      relayLogPurge: () => [statement('purge on')],
      startApplier: () => [statement('start applier')],
      startReceiver: () => [statement('start receiver')],
      stopReplication: () => [statement('stop both')],
      parallelAppliers: () => undefined,
      semiSyncAsSource: (_words: string, set: object) => [statement(`semi-sync ${JSON.stringify(set)}`)],
      applyInParallel: (threads: number, mode: string) => [statement(`threads ${String(threads)} ${mode}`)],
    }),
    run: (id: string, items: readonly { readonly text: string }[]) => {
      sent.push(...items.map(({ text }) => `${id} ${text}`));
      isStarted ||= items.some(({ text }) => text === 'start receiver');
      return Promise.resolve();
    },
  };
  const clock = {
    now: () => time,
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
  };
  const world = { servers, clock, facts: noFacts(), signal: new AbortController().signal };
  return { world: world as unknown as World, left: () => looks.length - 1, sent };
}

const killed = (command: FormerRecord['command']): FormerRecord => ({
  command,
  source: a,
  sourceReadOnly: false,
  formers: [former],
});
const connecting = { receiver: 'connecting' } as const;
const refused = { ...connecting, receiverError: { number: 2003, text: 'no route' } };

describe('what a killed run left', () => {
  it('of two that follow each other goes on following with the threads that it had', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    await putBack({ ...killed('switch'), following: { ...former.channel, applier: 'stopped' } }, world);
    expect(sent.filter((line) => line.startsWith(a))).toEqual([`${a} open`, `${a} start receiver`]);
  });

  it('is put back, and a switch gives writes back before it asks anything of a replica', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    await putBack(killed('switch'), world);
    expect(sent[0]).toBe(`${a} open`);
    expect(sent).toContain(`${b} start receiver`);
  });

  it('by a switch is closed again where the site’s script had opened it, before the source is opened', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    const reach = (): Promise<Reach> =>
      Promise.resolve({ kind: 'answered', state: { ...former.state, readOnly: false } });
    const asked: World = { ...world, servers: { ...world.servers, reach } };
    const closed = { ...former, state: { ...former.state, readOnly: true } };
    await putBack({ ...killed('switch'), formers: [closed] }, asked);
    expect(sent.slice(0, 2)).toEqual([`${b} close`, `${a} open`]);
  });

  it('by a switch gives writes back although a replica refuses, and says so', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    const refusal = new Fault('SQL_FAILED', { server: b, errno: 1872, statement: 'start', message: 'no metadata' });
    const run: World['servers']['run'] = (server, ...rest) =>
      server === b ? Promise.reject(refusal) : world.servers.run(server, ...rest);
    const refusing: World = { ...world, servers: { ...world.servers, run } };
    await expect(putBack(killed('switch'), refusing)).rejects.toBe(refusal);
    expect(sent).toEqual([`${a} open`]);
  });

  it.each([
    ['until it has connected', [connecting, connecting, { receiver: 'running' } as const]],
    ['until it says why it cannot', [connecting, refused]],
    ['not for ever', [connecting]],
  ])('by a switch is waited for: %s', async (_what, said) => {
    const { world, left } = scripted(...said);
    await putBack(killed('switch'), world);
    expect(left()).toBe(0);
  });

  it('by a failover is not waited for: its source is dead', async () => {
    const { world, left } = scripted(connecting, connecting, refused);
    await putBack(killed('failover'), world);
    expect(left()).toBe(2);
  });

  it.each([
    ['as before where the run had armed it', { enabled: true, waitsForNobody: false }, true],
    ['as somebody has set it since', { enabled: true, waitsForNobody: true }, false],
    ['as it was where nothing was armed', { enabled: false, waitsForNobody: true }, false],
  ])('waits for semi-synchronous replicas %s', async (_what, set, isTold) => {
    const { world, sent } = scripted({ receiver: 'running' });
    const asSource = { enabled: false, timeoutMs: 10_000, lossless: true, replicas: 1, waitsForNobody: true };
    const having = (part: object) => ({
      ...former.state,
      semiSync: { words: 'old' as const, asSource: { ...asSource, ...part } },
    });
    const reach = (): Promise<Reach> => Promise.resolve({ kind: 'answered', state: having(set) });
    const asked: World = { ...world, servers: { ...world.servers, reach } };
    await putBack({ ...killed('failover'), formers: [{ ...former, state: having({}) }] }, asked);
    const told = sent.filter((line) => line.includes('semi-sync'));
    expect(told).toEqual(isTold ? [`${b} semi-sync {"enabled":false,"waitsForNobody":true}`] : []);
  });

  const asBefore = [`${b} stop both`, `${b} threads 0 optimistic`];
  it.each<[string, number, Reach | [number, string], readonly string[]]>([
    ['what the run has set', 0, [8, 'conservative'], asBefore],
    ['what it had half set when it was killed', 0, [0, 'conservative'], asBefore],
    ['what cannot be told', 0, { kind: 'refused-us', errno: 1040, message: 'Too many connections' }, asBefore],
    ['nothing where nothing was set', 0, [0, 'optimistic'], []],
    ['nothing that somebody has set since', 0, [4, 'optimistic'], []],
    ['nothing that was chosen before', 8, [8, 'conservative'], []],
  ])('applies as before: %s', async (_what, parallelThreads, now, wanted) => {
    const { world, sent } = scripted({ receiver: 'running' });
    const channel = { ...former.channel, parallelMode: 'optimistic' };
    const state = { ...former.state, parallelThreads, channels: [channel] };
    const reach = (): Reach => {
      if (!Array.isArray(now)) return now;
      const [threads, parallelMode] = now;
      return {
        kind: 'answered',
        state: { ...state, parallelThreads: threads, channels: [{ ...channel, parallelMode }] },
      };
    };
    const asked: World = { ...world, servers: { ...world.servers, reach: () => Promise.resolve(reach()) } };
    await putBack({ ...killed('failover'), formers: [{ ...former, state, channel }] }, asked);
    expect(sent.filter((line) => /stop both|threads/.test(line))).toEqual(wanted);
    expect(sent.indexOf(`${b} start applier`)).toBeGreaterThan(sent.indexOf(wanted.at(-1) ?? ''));
  });
});

describe("the writer's address that a killed run has moved", () => {
  const gone = new Fault('SSH_UNREACHABLE', { host: 'b', address: '10.0.0.2', port: 22, message: 'no route' });

  /** Of two hosts: who has it, and whose host gives no shell. */
  function hosts(held: string[], silent: readonly string[], through: Reach['kind']) {
    const done: string[] = [];
    const look = (server: string): Promise<unknown> =>
      silent.includes(server) ? Promise.reject(gone) : Promise.resolve(held.includes(server) ? {} : undefined);
    const noted = (verb: string) => (server: string) => Promise.resolve(done.push(`${verb} ${server}`));
    const verbs = { add: noted('add'), remove: noted('remove'), announce: noted('announce') };
    const addresses = { look, ...verbs, through: () => Promise.resolve({ kind: through, message: '' }) };
    return { done, world: { addresses, signal: new AbortController().signal } as unknown as World };
  }

  it.each<[string, string[], string[], Reach['kind'], string[], number]>([
    ['is given back', [b], [], 'no-answer', [`remove ${b}`, `add ${a}`, `announce ${a}`], 0],
    ['is given back though whom it was given to is gone', [], [b], 'no-answer', [`add ${a}`, `announce ${a}`], 1],
    ['is not given to a second host where it still answers', [], [b], 'answered', [], 2],
    ['stays where it is though another host is gone', [a], [b], 'answered', [], 1],
    ['is said to be nowhere where both are gone', [], [a, b], 'no-answer', [], 2],
  ])('%s', async (_what, held, silent, through, wanted, troubles) => {
    const { done, world } = hosts(held, silent, through);
    expect(await putBackAddress({ taken: [b], released: a }, world)).toHaveLength(troubles);
    expect(done).toEqual(wanted);
  });
});
