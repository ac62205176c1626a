import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { StandingGuard } from '../../src/monitor/standing-guard.js';
import type { Door } from '../../src/ports/shell.js';
import { localDoor } from './support/local-door.js';

const target = { place: { address: '127.0.0.1', port: 3306 } };

/** A host on which guards start when the test says so, or not at all. */
function host() {
  const starts: { readonly come: () => PassThrough; readonly fail: () => void }[] = [];
  const read: Door['read'] = () =>
    new Promise((resolve, reject) => {
      starts.push({
        come: () => {
          const stream = new PassThrough();
          resolve(stream);
          return stream;
        },
        fail: () => reject(new Error('no route to host')),
      });
    });
  const lost: string[] = [];
  const listener = { onStart: () => undefined, onWord: () => undefined, onLost: (why: string) => void lost.push(why) };
  return { starts, lost, guard: new StandingGuard({ ...localDoor(), read }, target, listener) };
}

it('is started once, however many ask for it meanwhile', async () => {
  const { starts, guard } = host();
  const first = guard.stand();
  const looks = [guard.standAgain(), guard.stand()];
  expect(starts).toHaveLength(1);
  starts[0]?.come();
  await Promise.all([first, ...looks]);
  await guard.stand();
  expect(starts).toHaveLength(1);
});

it('is set again when it was lost, and when its start had failed, but not when nobody ever wanted it', async () => {
  const { starts, lost, guard } = host();
  await guard.standAgain();
  expect(starts).toHaveLength(0);
  const failing = guard.stand();
  starts[0]?.fail();
  await expect(failing).rejects.toThrow('no route');
  const second = guard.standAgain();
  const stream = starts[1]?.come();
  await second;
  stream?.end();
  await expect.poll(() => lost, { timeout: 20_000 }).toHaveLength(1);
  void guard.standAgain();
  expect(starts).toHaveLength(3);
});

it('is ended when it comes after everything is over', async () => {
  const { starts, lost, guard } = host();
  const late = guard.stand();
  expect(guard.dismiss()).toBe(false);
  const stream = starts[0]?.come();
  await late;
  expect(stream?.destroyed).toBe(true);
  expect(lost).toEqual([]);
});
