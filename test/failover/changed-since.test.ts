import { describe, expect, it } from 'vitest';
import { changedSince, mindChanges } from '../../src/failover/changed-since.js';
import type { Picture } from '../../src/model/picture.js';
import { channelFrom, cluster, type ClusterBuilder, id, type ServerChanges } from '../support/picture.js';

const closed = { state: { readOnly: true } };
const three = (source: ServerChanges = {}): ClusterBuilder => cluster().source('a', source).replica('b').replica('c');
const members = ['b', 'c'].map((name) => ({ server: id(name), channel: '' }));
const pictureOf = (built: ClusterBuilder): Picture => built.build().picture;

function change(now: ClusterBuilder, source?: 'a'): string | undefined {
  const decided = { before: pictureOf(three()), members, ...(source === undefined ? {} : { source: id(source) }) };
  return changedSince(decided, pictureOf(now));
}

describe('since it was decided what to do', () => {
  it.each<[string, ClusterBuilder]>([
    ['nothing happened', three()],
    ['the source died', three().dead('a')],
    ['a replica died', three().dead('b')],
  ])('%s: the plan still fits', (_what, now) => {
    expect(change(now)).toBeUndefined();
    expect(change(now, 'a')).toBeUndefined();
  });

  it.each<[string, ClusterBuilder, string]>([
    ['a replica was promoted', cluster().source('a').source('b').replica('c'), 'b:3306 follows nobody any more'],
    [
      'a replica was led elsewhere',
      cluster().source('a').replica('b').replica('c', { of: 'b' }),
      'c:3306 follows b:3306',
    ],
    [
      'a replica was opened, and kept its channel',
      cluster()
        .source('a')
        .replica('b', { state: { readOnly: false } })
        .replica('c'),
      'b:3306 was opened for writes',
    ],
  ])('%s: neither a failover nor a switch goes on', (_what, now, words) => {
    expect(change(now)).toContain(words);
    expect(change(now, 'a')).toContain(words);
  });

  it.each<[string, ClusterBuilder, string]>([
    ['the source was closed', three(closed), 'a:3306 takes no writes any more'],
    ['the source follows another one', three({ state: { channels: [channelFrom('b')] } }), 'a:3306 follows b:3306 now'],
  ])('%s: a switch does not go on', (_what, now, words) => {
    expect(change(now, 'a')).toContain(words);
    expect(change(now)).toBeUndefined();
  });

  it('is asked of the servers that the plan stands on', async () => {
    const asked: unknown[] = [];
    const servers = {
      observe: (_ms: number, ids?: readonly unknown[]) => {
        asked.push(ids);
        return Promise.resolve(pictureOf(three(closed)));
      },
    };
    const decided = { before: pictureOf(three()), members };
    await mindChanges(decided, servers);
    await expect(mindChanges({ ...decided, source: id('a') }, servers)).rejects.toMatchObject({
      code: 'CLUSTER_CHANGED',
    });
    expect(asked).toEqual([
      [id('b'), id('c')],
      [id('b'), id('c'), id('a')],
    ]);
  });
});
