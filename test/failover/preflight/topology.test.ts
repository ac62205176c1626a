import { describe, expect, it } from 'vitest';
import { deriveTopology } from '../../../src/failover/preflight/topology.js';
import type { Picture } from '../../../src/model/picture.js';
import { channelFrom, cluster, type ClusterBuilder, id } from '../../support/picture.js';

const derive = (built: ClusterBuilder, addresses?: ReadonlyMap<string, readonly string[]>, before?: Picture) => {
  const { settings, picture } = built.build();
  return deriveTopology(settings, picture, addresses, before);
};
const sound = cluster().source('a').replica('b').replica('c');

describe('roles', () => {
  it('are those of a source and its replicas, in the order of the file', () => {
    expect(derive(sound)).toMatchObject({
      source: id('a'),
      sourceAnswers: true,
      replicas: [
        { server: id('b'), channel: '' },
        { server: id('c'), channel: '' },
      ],
      unmanaged: [],
      unreachable: [],
      refusals: [],
    });
  });

  it('find a dead source by what its replicas name', () => {
    const verdict = derive(sound.dead('a'));
    expect(verdict).toMatchObject({ source: id('a'), sourceAnswers: false, unreachable: [], refusals: [] });
    expect(verdict.replicas).toHaveLength(2);
  });

  it.each([
    ['its address', { sourceHost: '10.0.0.1' }, undefined],
    ['its name in other letters', { sourceHost: 'A' }, undefined],
    ['a name that somebody resolved', { sourceHost: 'db.example' }, new Map([['db.example', ['fd00::1', '10.0.0.1']]])],
  ])('know a dead source by %s', (_, channel, addresses) => {
    const verdict = derive(cluster().source('a').replica('b', { channel }).dead('a'), addresses);
    expect(verdict).toMatchObject({ source: id('a'), refusals: [] });
  });

  it('know a source behind another name by the identity that a connected receiver saw', () => {
    const channel = { sourceHost: '127.0.0.1', sourcePort: 40001, sourceServerId: 1 };
    expect(derive(cluster().source('a').replica('b', { channel })).source).toBe(id('a'));
    const broken = derive(
      cluster()
        .source('a')
        .replica('b', { channel: { ...channel, receiver: 'stopped' } }),
    );
    expect(broken.source).toBeUndefined();
  });

  it('know a dead source behind another name by what its replicas saw while it lived, at the same place', () => {
    const channel = { sourceHost: 'vip.example', sourcePort: 3300, sourceServerId: 1 };
    const alive = cluster().source('a').replica('b', { channel });
    expect(derive(alive).links).toMatchObject([{ source: id('a'), unnamed: true }]);
    const dead = (now: object): ClusterBuilder =>
      cluster()
        .source('a')
        .replica('b', { channel: { ...channel, receiver: 'connecting', ...now } })
        .dead('a');
    const before = alive.build().picture;
    expect(derive(dead({}), undefined, before)).toMatchObject({ source: id('a'), refusals: [] });
    expect(derive(dead({ sourceHost: 'other.example' }), undefined, before).source).toBeUndefined();
    expect(derive(dead({})).source).toBeUndefined();
  });

  it('tell servers of one host apart by port', () => {
    const verdict = derive(
      cluster()
        .source('a', { settings: { port: 3307 } })
        .replica('b', { channel: { sourcePort: 3307 } }),
    );
    expect(verdict.source).toBe('a:3307');
  });

  it('name the channel that leads to the source', () => {
    const channels = [channelFrom('elsewhere', { name: 'other' }), channelFrom('a', { name: 'main' })];
    const verdict = derive(cluster().source('a').replica('b', { state: { channels } }));
    expect(verdict.replicas).toEqual([{ server: id('b'), channel: 'main' }]);
    expect(verdict.links).toContainEqual(expect.objectContaining({ channel: 'other', source: undefined }));
    expect(verdict.refusals).toEqual([]);
  });

  it('count a silent replica as unreachable, whether refused or without answer', () => {
    const verdict = derive(sound.dead('b').reach('c', { kind: 'no-answer', message: 'time' }));
    expect(verdict.unreachable).toEqual([id('b'), id('c')]);
  });

  it('leave a replica of a replica alone when it may be one', () => {
    const verdict = derive(sound.replica('d', { of: 'b', settings: { multiTierSlave: true } }));
    expect(verdict).toMatchObject({ source: id('a'), unmanaged: [id('d')], refusals: [] });
  });

  it('take the writable one of two sources that follow each other', () => {
    const dual = cluster()
      .replica('a', { of: 'b', state: { readOnly: false } })
      .replica('b', { of: 'a' })
      .replica('c', { of: 'a' });
    expect(derive(dual)).toMatchObject({ source: id('a'), refusals: [] });
    expect(derive(dual).replicas.map(({ server }) => server)).toEqual([id('b'), id('c')]);
  });

  const tiered = { multiTierSlave: true };

  it('do not take a dead intermediate server for the source, by whoever may follow it', () => {
    const verdict = derive(sound.replica('d', { of: 'b', settings: tiered }).dead('b'));
    expect(verdict).toMatchObject({
      source: id('a'),
      replicas: [{ server: id('c') }],
      unmanaged: [id('d')],
      unreachable: [id('b')],
      refusals: [],
    });
    expect(derive(sound.replica('d', { of: 'b', settings: tiered }).dead('b').dead('a'))).toMatchObject({
      source: id('a'),
      sourceAnswers: false,
      unreachable: [id('b')],
      refusals: [],
    });
  });

  it('know the source without a replica of its own by its standing alone', () => {
    const chain = cluster().source('a').replica('b').replica('d', { of: 'b', settings: tiered }).dead('b');
    expect(derive(chain)).toMatchObject({ source: id('a'), unmanaged: [id('d')], unreachable: [id('b')] });
    expect(derive(chain).refusals.map(({ seen }) => seen)).toEqual(['No server that answers is a replica of a:3306']);
  });

  it('ask all where every server may follow another one, as the defaults say so', () => {
    const all = cluster().source('a', { settings: tiered }).replica('b', { settings: tiered });
    expect(derive(all)).toMatchObject({ source: id('a'), refusals: [] });
    expect(derive(all.dead('a'))).toMatchObject({ source: id('a'), sourceAnswers: false, refusals: [] });
  });

  it('take the dead one when the other followed server is read-only', () => {
    const tiers = sound.replica('d', { of: 'b', settings: { multiTierSlave: true } }).dead('a');
    expect(derive(tiers)).toMatchObject({ source: id('a'), refusals: [] });
  });
});

describe('a topology is refused', () => {
  it.each<[string, ClusterBuilder, string, string]>([
    ['when nobody answers', sound.dead('a').dead('b').dead('c'), 'no-server-answers', ''],
    ['without replicas', cluster().source('a'), 'no-replica', ''],
    ['when all replicas are dead', sound.dead('b').dead('c'), 'no-replica', ''],
    ['with two servers that follow nobody', sound.source('d'), 'one-source', 'a:3306 and d:3306'],
    [
      'when replicas follow two writable servers',
      cluster()
        .replica('a', { of: 'b', state: { readOnly: false } })
        .replica('b', { of: 'a', state: { readOnly: false } }),
      'one-source',
      'a:3306',
    ],
    [
      'when replicas follow two dead servers',
      cluster().source('a').source('b').replica('c').replica('d', { of: 'b' }).dead('a').dead('b'),
      'one-source',
      'a:3306 (no answer) and b:3306 (no answer)',
    ],
    [
      'when the closed one of two sources that follow each other is dead, or it may be the other one',
      cluster()
        .replica('a', { of: 'b', state: { readOnly: false } })
        .source('b')
        .replica('c', { of: 'a' })
        .dead('b'),
      'one-source',
      'b:3306 (no answer) and a:3306 (writable)',
    ],
    [
      'when two sources that follow each other are both closed',
      cluster().replica('a', { of: 'b' }).replica('b', { of: 'a' }),
      'one-source',
      'b:3306',
    ],
    ['when a server beside a dead source follows nobody', sound.source('d').dead('a'), 'known-source', 'd:3306'],
    ['when a replica follows a replica', sound.replica('d', { of: 'b' }), 'known-source', 'replicates from b:3306'],
    [
      'when a replica follows a stranger',
      sound.replica('d', { of: 'zz' }),
      'known-source',
      'zz:3306, which is no server',
    ],
    [
      'when a server refuses the login',
      sound.reach('b', { kind: 'refused-us', errno: 1045, message: 'Access denied' }),
      'login',
      'Access denied',
    ],
  ])('%s', (_, built, finding, seen) => {
    const { refusals } = derive(built);
    expect(refusals.map((item) => item.id)).toEqual([finding]);
    expect(refusals[0]?.seen).toContain(seen);
    expect(refusals[0]?.severity).toBe('refuse');
  });

  it('and an unmanaged replica of a stranger is none of our business', () => {
    const verdict = derive(sound.replica('d', { of: 'zz', settings: { multiTierSlave: true } }));
    expect(verdict).toMatchObject({ source: id('a'), unmanaged: [id('d')], refusals: [] });
  });
});
