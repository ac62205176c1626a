import { expect, it } from 'vitest';
import type { Parts } from '../../src/cli/parts.js';
import { stillUnserved } from '../../src/cli/unserved.js';
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
  expect([...(await stillUnserved(parts, before)).keys()]).toEqual(left);
});
