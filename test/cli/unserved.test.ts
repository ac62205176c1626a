import { expect, it } from 'vitest';
import type { Parts } from '../../src/cli/parts.js';
import { stillUnserved, unservedIn } from '../../src/cli/unserved.js';
import { Fault } from '../../src/model/fault.js';
import type { ServerSettings } from '../../src/model/settings.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

const before = new Map([[id('b'), 'no tunnel at the start']]);

/** A host that forwards, refuses to, or says nothing at all. */
function partsOf(how: 'forwards' | 'refuses' | 'hangs', own: Partial<ServerSettings> = {}): Parts {
  const refusal = new Fault('SSH_NOT_FORWARDED', { host: 'b', message: 'administratively prohibited' });
  const door = {
    open: () => (how === 'hangs' ? new Promise(() => undefined) : Promise.resolve()),
    run: () => Promise.resolve({ code: 0, stdout: 'mha-ts was here\n', stderr: '' }),
    probePort: () => Promise.resolve('open'),
    listenOn: () =>
      how === 'refuses' ? Promise.reject(refusal) : Promise.resolve({ port: 1, close: () => Promise.resolve() }),
    // Listening is what is asked; the call from that side need not be allowed.
    connectFrom: () => Promise.reject(refusal),
  };
  const settings = clusterSettings([serverSettings('a'), serverSettings('b', own)]);
  const clock = { sleep: () => new Promise((resolve) => setTimeout(resolve, 100)) };
  return { settings, clock, shells: { door: () => door } } as unknown as Parts;
}

it.each<[string, Parts, readonly string[]]>([
  ['forwards since is served', partsOf('forwards'), []],
  ['has an address to be served at since is served', partsOf('refuses', { recoveryListenAddress: '10.0.0.9' }), []],
  ['still refuses is not', partsOf('refuses'), [id('b')]],
  ['says nothing is not, and is not waited for', partsOf('hangs'), [id('b')]],
])('a replica without a way at the start that %s', async (_what, parts, left) => {
  const isThere = (): Promise<'speaks'> => Promise.resolve('speaks');
  expect([...(await stillUnserved(parts, before, isThere)).keys()]).toEqual(left);
});

it('a replica whose SSH port nobody could reach at the start has no way, and is not waited for where it is still silent', async () => {
  const { settings } = partsOf('hangs');
  const untried = { outcome: 'cannot-tell', ms: 0 } as const;
  const host = { host: 'b', skipped: false, login: untried, command: untried, forward: untried, reverse: untried };
  const reach = { outcome: 'failed', ms: 5_000, message: 'no answer' } as const;
  const known = unservedIn({ settings, ssh: [{ ...host, id: id('b'), reach, directories: [] }] });
  expect([...known]).toEqual([[id('b'), 'no answer']]);
  const asked: number[] = [];
  const silent = (_address: string, _port: number, ms: number): Promise<'no-answer'> => {
    asked.push(ms);
    return Promise.resolve('no-answer');
  };
  const clock = { sleep: () => new Promise(() => undefined) };
  const parts = { ...partsOf('hangs'), clock } as unknown as Parts;
  expect([...(await stillUnserved(parts, known, silent)).keys()]).toEqual([id('b')]);
  expect(asked).toEqual([300]);
});
