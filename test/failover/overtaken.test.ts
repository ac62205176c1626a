import { describe, expect, it } from 'vitest';
import { overtaken } from '../../src/failover/overtaken.js';
import { deriveTopology } from '../../src/failover/preflight/topology.js';
import type { FormerRecord } from '../../src/failover/put-back.js';
import { channelFrom, cluster, id, type ClusterBuilder, type ServerChanges } from '../support/picture.js';
import { contender } from './build.js';

const formers = ['b', 'c'].map((name) => {
  const { server, state, channel } = contender(name);
  return { server, state, channel };
});

const record = (command: FormerRecord['command'], followed: readonly string[] = []): FormerRecord => ({
  command,
  source: id('a'),
  sourceFollowed: followed.map((host) => ({ host, port: 3306 })),
  formers,
});

const since = (built: ClusterBuilder, killed: FormerRecord = record('failover')) => {
  const { settings, picture } = built.build();
  return overtaken(killed, deriveTopology(settings, picture).links, picture);
};

const following = (name: string, changes = {}): ServerChanges => ({
  state: { channels: [channelFrom(name, changes)] },
});
const listener = { sourceHost: '127.0.0.1', sourcePort: 40001, receiver: 'stopped' } as const;
const atRest = { receiver: 'stopped', applier: 'stopped' } as const;
const three = (): ClusterBuilder => cluster().source('a').replica('b').replica('c');

describe('nobody has gone on since a run was killed', () => {
  it.each<[string, ClusterBuilder]>([
    ['the replicas follow the source as before', three()],
    ['the source is dead', three().dead('a')],
    ['a replica still is pointed there', cluster().source('a').replica('b', { channel: listener }).replica('c')],
    ['a replica does not answer', three().dead('b')],
  ])('%s', (_what, built) => {
    expect(since(built)).toBeUndefined();
  });

  it('the source of a switch follows whom it followed before it', () => {
    const mutual = cluster().source('a', following('b')).replica('b').replica('c');
    expect(since(mutual, record('switch', ['b']))).toBeUndefined();
  });

  it('the source of a switch keeps a channel that is at rest', () => {
    const rested = cluster().source('a', following('b', atRest)).replica('b').replica('c');
    expect(since(rested, record('switch'))).toBeUndefined();
  });
});

describe('somebody has gone on since a run was killed', () => {
  it('and promoted a replica, which follows nobody now', () => {
    expect(since(cluster().source('a').source('b').replica('c').dead('a'))).toMatchObject({ server: id('b') });
  });

  it('and led a replica to another server of the cluster', () => {
    const led = cluster().source('a').replica('b').replica('c', { of: 'b' }).dead('a');
    expect(since(led)).toMatchObject({ server: id('c'), how: expect.stringContaining(id('b')) as string });
  });

  it('and made a replica of the source of a switch', () => {
    const demoted = cluster().source('a', following('b')).replica('b', { channel: atRest }).replica('c');
    expect(since(demoted, record('switch'))).toMatchObject({ server: id('a') });
  });
});
