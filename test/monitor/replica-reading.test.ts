import { describe, expect, it } from 'vitest';
import type { Channel } from '../../src/model/picture.js';
import { channelTo, judgeReadings, type Reading } from '../../src/monitor/replica-reading.js';
import { channel } from './support/channel.js';

const at = (ms: number, over: Partial<Channel> = {}): Reading => ({ at: ms, channel: channel(over) });
const moved = { received: { file: 'bin.000001', position: 900 } };

describe('judgeReadings', () => {
  const before = channel();

  it.each<[string, Channel | undefined, readonly Reading[], string]>([
    ['no reading', before, [], 'cannot-tell'],
    ['a receiver without its source', before, [at(1_200, { receiver: 'connecting' })], 'lost-it'],
    [
      'a receiver that was stopped before',
      channel({ receiver: 'stopped' }),
      [at(1_200), at(2_400, moved)],
      'cannot-tell',
    ],
    [
      'a receiver that had no source before',
      channel({ receiver: 'connecting' }),
      [at(1_200, { receiver: 'connecting' })],
      'cannot-tell',
    ],
    ['a receiver that is stopped now', before, [at(1_200, { receiver: 'stopped' })], 'cannot-tell'],
    ['running without progress', before, [at(1_200), at(9_000)], 'cannot-tell'],
    ['progress', before, [at(1_200), at(2_400, moved)], 'sees-it'],
    ['progress by GTID', before, [at(1_200), at(2_400, { receivedGtid: '0-1-8' })], 'sees-it'],
    ['a heartbeat', before, [at(1_200, { heartbeatsReceived: 4 }), at(2_400, { heartbeatsReceived: 5 })], 'sees-it'],
    ['progress seen once stays seen', before, [at(1_200), at(2_400, moved), at(3_600, moved)], 'sees-it'],
    [
      'progress, then the source was lost',
      before,
      [at(1_200), at(2_400, moved), at(3_600, { ...moved, receiver: 'connecting' })],
      'lost-it',
    ],
    [
      'what was still in the socket',
      before,
      [at(10), at(400, moved), at(1_200, moved), at(2_400, moved)],
      'cannot-tell',
    ],
    ['a source that was never seen alive', undefined, [at(1_200, { receiver: 'connecting' })], 'lost-it'],
    ['a replica first asked after the death', undefined, [at(1_200), at(2_400, moved)], 'sees-it'],
  ])('%s', (_name, was, readings, replication) => {
    expect(judgeReadings(was, readings, 0).replication).toBe(replication);
  });
});

describe('channelTo', () => {
  const source = { hostname: 'db1', address: '10.0.0.1', port: 3306 };

  it.each([
    ['by name', [channel({ sourceHost: 'x' }), channel({ sourceHost: 'db1' })], 'db1'],
    ['by address', [channel({ sourceHost: 'x' }), channel({ sourceHost: '10.0.0.1' })], '10.0.0.1'],
    ['the only one, whatever it is called', [channel({ sourceHost: 'alias' })], 'alias'],
    ['none of several others', [channel({ sourceHost: 'x' }), channel({ sourceHost: 'y' })], undefined],
    ['not another port', [channel({ sourceHost: 'db1', sourcePort: 3307 }), channel({ sourceHost: 'y' })], undefined],
  ])('finds it %s', (_name, channels, host) => {
    expect(channelTo(channels, source)?.sourceHost).toBe(host);
  });
});
