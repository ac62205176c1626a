import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import { Rescue } from '../../src/recovery/rescue.js';
import { serveConnection } from '../../src/recovery/serve-connection.js';

/** A replica's end that listens and says nothing. */
function silentReplica(): Duplex {
  return new Duplex({ read: () => undefined, write: (_piece, _encoding, done) => done() });
}

/** What a person hears when a replica asks and nothing is held; `fetched`: whether a fetch has come to its end. */
async function heard(fetched: boolean): Promise<string | undefined> {
  const source = { id: serverId('a', 3306), serverId: 1, gtidMode: '', domainId: 0, runDir: '/nowhere' };
  const rescue = new Rescue(source);
  if (fetched) await rescue.during(() => Promise.resolve());
  let time = 0;
  const clock = {
    now: () => (time += 20_000),
    wall: () => 0,
    sleep: () => Promise.resolve(),
  };
  const open = (): Promise<never> => Promise.reject(new Error('nothing is read'));
  const request = { replica: serverId('b', 3306), serverId: 2, via: { kind: 'tunnel' } } as const;
  const parts = { rescue, open, clock, tell: () => undefined, notice: () => undefined };
  const connection = { stream: silentReplica(), onEvent: () => undefined, signal: new AbortController().signal };
  return serveConnection(request, parts, connection);
}

describe('a replica that asks where nothing is held', () => {
  it('is no news when there was nothing to rescue', async () => {
    expect(await heard(true)).toBeUndefined();
  });

  it('is told of while something was to come', async () => {
    expect(await heard(false)).toContain('b:3306 was refused');
  });
});
