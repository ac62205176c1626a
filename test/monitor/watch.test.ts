import { describe, expect, it } from 'vitest';
import { watch, type WatchEnd } from '../../src/monitor/watch.js';
import { serverState } from '../support/picture.js';
import { channel } from './support/channel.js';
import { kill, makeWorld, reports, vanish, type World } from './support/world.js';

interface Running {
  readonly end: Promise<WatchEnd>;
  /** How it ended, or undefined while it goes on. */
  ended(): WatchEnd | undefined;
  stop(): Promise<WatchEnd>;
}

function begin(world: World): Running {
  const abort = new AbortController();
  let result: WatchEnd | undefined;
  const end = watch(world.subject, world.ports, abort.signal).then((value) => (result = value));
  end.catch(() => undefined);
  return {
    end,
    ended: () => result,
    stop: () => {
      abort.abort();
      return end;
    },
  };
}

async function beginAlive(world: World, ms = 2_500): Promise<Running> {
  const running = begin(world);
  await world.clock.advance(ms);
  expect(running.ended()).toBeUndefined();
  return running;
}

const codes = (world: World): readonly number[] => world.statuses.map(([, code]) => code);

describe('a source that lives', () => {
  it('is checked in the rhythm of the interval, and each good check refreshes the status', async () => {
    const world = makeWorld();
    const running = await beginAlive(world, 3_500);
    expect(world.statuses).toEqual([
      [0, 0],
      [1_000, 0],
      [2_000, 0],
      [3_000, 0],
    ]);
    expect(world.opened).toBe(1);
    expect(await running.stop()).toMatchObject({ end: 'stopped' });
  });

  it('is watched on while its status cannot be written, which is said once', async () => {
    const world = makeWorld();
    let isFull = true;
    const { status } = world.ports.workdir;
    const full = (): Promise<never> => Promise.reject(new Error('no space left on device'));
    const workdir: typeof world.ports.workdir = { status: (code, host) => (isFull ? full() : status(code, host)) };
    const running = begin({ ...world, ports: { ...world.ports, workdir } });
    await world.clock.advance(2_500);
    expect(running.ended()).toBeUndefined();
    isFull = false;
    await world.clock.advance(1_000);
    expect(world.statuses).toEqual([[3_000, 0]]);
    expect(world.notes).toEqual(['the status cannot be written: no space left on device']);
    expect(await running.stop()).toMatchObject({ end: 'stopped' });
  });

  it('does not keep us when we are stopped while it hangs', async () => {
    const world = makeWorld();
    world.opening = 'hangs';
    const running = begin(world);
    await world.clock.settle();
    expect(await running.stop()).toMatchObject({ end: 'stopped' });
    expect(world.clock.now()).toBe(0);
  });

  it('is remembered with the process that runs it', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    expect((await running.stop()).remembered).toMatchObject({ record: { pid: 9, startTime: '500' } });
  });

  it('is not failed over because it refuses us, but does not count as serving', async () => {
    const world = makeWorld();
    world.opening = 'refused-us';
    const running = await beginAlive(world, 20_000);
    expect(codes(world)).toEqual([]);
    expect(world.notes.join()).toContain('refuses us (1040)');
    await running.stop();
  });

  it('is not failed over because our session was ended', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    world.breakConnection();
    await world.clock.settle();
    expect(world.opened).toBe(2);
    await world.clock.advance(10_000);
    expect(running.ended()).toBeUndefined();
    expect(codes(world).at(-1)).toBe(0);
    await running.stop();
  });

  it('belongs to another manager that holds the lock', async () => {
    const world = makeWorld();
    world.lock = 'held-elsewhere';
    await expect(begin(world).end).rejects.toMatchObject({ code: 'LOCK_HELD' });
  });

  it('is left alone when only we are cut off from it', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    vanish(world);
    world.seen = 'open';
    world.breakConnection();
    await world.clock.advance(60_000);
    expect(running.ended()).toBeUndefined();
    expect(world.notes.join()).toContain('replicas-still-see-source');
    await running.stop();
  });

  it('is left alone when a replica still receives, though no host can forward', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    vanish(world);
    world.seen = 'cannot-tell';
    world.breakConnection();
    for (let second = 0; second < 30; second += 1) {
      world.channel = channel({ received: { file: 'bin.000001', position: 1_000 + second } });
      await world.clock.advance(1_000);
    }
    expect(running.ended()).toBeUndefined();
    await running.stop();
  });

  it('is left alone when nobody at all answers us', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    vanish(world);
    world.channel = undefined;
    world.breakConnection();
    await world.clock.advance(60_000);
    expect(running.ended()).toBeUndefined();
    expect(world.notes.join()).toContain('manager-cut-off');
    await running.stop();
  });

  it('ends the inquiry by answering in time', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    vanish(world);
    world.breakConnection();
    await world.clock.advance(2_500);
    Object.assign(world, { opening: 'open', check: 'ok', port: 'speaks', host: reports.running, seen: 'open' });
    await world.clock.advance(10_000);
    expect(running.ended()).toBeUndefined();
    expect(codes(world).at(-1)).toBe(0);
    await running.stop();
  });
});

describe('a source that dies', () => {
  it('is declared dead at once when its death is proven, whatever the interval', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    const before = world.clock.now();
    kill(world);
    await world.clock.settle();
    expect(running.ended()).toMatchObject({
      end: 'dead',
      firstMissAt: before,
      verdict: { code: 'source-dead-proven', fenceBy: 'shell' },
      remembered: { record: { pid: 9 } },
    });
    expect(world.clock.now()).toBe(before);
    expect(codes(world).slice(-2)).toEqual([20, 21]);
  });

  it('tells which replicas were away while it lived, and not who fell silent with it', async () => {
    const world = makeWorld();
    const [first, second] = world.subject.replicas;
    const { channels } = world.ports.servers;
    const away = new Set([first]);
    const servers: typeof world.ports.servers = {
      ...world.ports.servers,
      channels: (id, options) => (away.has(id) ? Promise.reject(new Error('no answer')) : channels(id, options)),
    };
    const running = await beginAlive({ ...world, ports: { ...world.ports, servers } });
    away.add(second);
    kill(world);
    await world.clock.settle();
    const end = running.ended();
    expect(end?.end === 'dead' && [...end.silent]).toEqual([first]);
  });

  it('is not proven dead by a host that showed no trace of it while it answered: it may live behind a proxy', async () => {
    const world = makeWorld();
    world.host = reports.gone;
    const reach: typeof world.ports.servers.reach = () =>
      Promise.resolve(
        world.port === 'speaks'
          ? { kind: 'answered', state: serverState('db1') }
          : { kind: 'port-refused', message: 'refused' },
      );
    const servers = { ...world.ports.servers, reach };
    const running = await beginAlive({ ...world, ports: { ...world.ports, servers } });
    kill(world);
    for (let second = 0; second < 30; second += 1) {
      world.channel = channel({ received: { file: 'bin.000001', position: 1_000 + second } });
      await world.clock.advance(1_000);
    }
    expect(running.ended()).toBeUndefined();
    expect(world.notes.join()).toContain('replicas-still-see-source');
    await running.stop();
  });

  it('is looked at again soon when the first look came too early', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    kill(world);
    world.host = reports.running;
    await world.clock.settle();
    expect(running.ended()).toBeUndefined();
    world.host = reports.gone;
    await world.clock.advance(150);
    expect(running.ended()).toMatchObject({ verdict: { code: 'source-dead-proven' } });
  });

  it('may have been dead before we came', async () => {
    const world = makeWorld();
    kill(world);
    const running = begin(world);
    await world.clock.settle();
    const end = running.ended();
    expect(end).toMatchObject({ end: 'dead', verdict: { code: 'source-dead-proven' } });
    expect(end?.remembered).toEqual({});
  });

  it('takes four misses to be dead without proof', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    const before = world.clock.now();
    vanish(world);
    world.breakConnection();
    await world.clock.advance(2_900);
    expect(running.ended()).toBeUndefined();
    await world.clock.advance(1_200);
    expect(running.ended()).toMatchObject({
      end: 'dead',
      verdict: { code: 'source-dead-by-ladder', fenceBy: 'nobody' },
    });
    expect(world.clock.now() - before).toBeLessThan(4_200);
  });

  it('without its SSH server too is dead by the ladder', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    kill(world);
    world.host = undefined;
    await world.clock.advance(3_500);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { code: 'source-dead-by-ladder' } });
  });

  it('waits for the site’s script, which is asked once per series', async () => {
    const world = makeWorld({ script: true });
    world.script = 'objects';
    const running = await beginAlive(world);
    kill(world);
    await world.clock.settle();
    expect(running.ended()).toBeUndefined();
    expect(world.notes.join()).toContain('vetoed-by-script');
    expect(world.scriptCalls).toBe(1);
    world.script = 'permits';
    await world.clock.advance(1_500);
    expect(world.scriptCalls).toBe(2);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { code: 'source-dead-proven' } });
  });
});

describe('a source that hangs', () => {
  function hang(world: World): void {
    Object.assign(world, { opening: 'hangs', check: 'hangs', port: 'silent', seen: 'refused' });
  }

  it('is found by the deadline of its check, and killed over its shell', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    hang(world);
    await world.clock.advance(10_000);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { code: 'source-hung', fenceBy: 'shell' } });
  });

  it('blocks the failover when nobody can fence it', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    hang(world);
    world.host = undefined;
    await world.clock.advance(10_000);
    expect(running.ended()).toMatchObject({ end: 'blocked', verdict: { code: 'cannot-fence' } });
  });

  it('and whose queue is full looks as if nothing were there, but for its SSH port', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    Object.assign(world, { opening: 'hangs', check: 'hangs', port: 'no-answer', seen: 'no-answer' });
    Object.assign(world, { host: undefined, sshPort: 'refused' });
    await world.clock.advance(10_000);
    expect(running.ended()).toMatchObject({ end: 'blocked', verdict: { code: 'cannot-fence' } });
  });

  it('is not what a machine is that refused at first, being shut down, and is gone now', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    kill(world);
    Object.assign(world, { host: undefined, hostHangs: true, sshPort: 'refused' });
    await world.clock.settle();
    vanish(world);
    await world.clock.advance(10_000);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { code: 'source-dead-by-ladder' } });
  });

  it('is left to the shutdown script where there is one', async () => {
    const world = makeWorld({ shutdown: true });
    const running = await beginAlive(world);
    hang(world);
    world.host = undefined;
    await world.clock.advance(10_000);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { fenceBy: 'shutdown-script' } });
  });

  it('also when it still lets us in, but answers no check', async () => {
    const world = makeWorld();
    const running = await beginAlive(world);
    world.check = 'hangs';
    world.port = 'silent';
    world.seen = 'refused';
    await world.clock.advance(12_000);
    expect(running.ended()).toMatchObject({ end: 'dead', verdict: { code: 'source-hung' } });
  });
});
