import { describe, expect, it } from 'vitest';
import type { SourcePast, Suspect } from '../../src/failover/errant.js';
import { isLossless } from '../../src/failover/lossless.js';
import type { SemiSync } from '../../src/model/semi-sync.js';
import type { Channel } from '../../src/model/picture.js';
import { channelFrom, serverState } from '../support/picture.js';

type AsSource = NonNullable<SemiSync['asSource']>;

const sound: AsSource = {
  enabled: true,
  timeoutMs: 4_000_000_000,
  lossless: true,
  replicas: 1,
  waitsForNobody: true,
  status: { active: true, clients: 2 },
};

function past(changes: Partial<AsSource> = {}): SourcePast {
  return serverState('a', { semiSync: { words: 'old', asSource: { ...sound, ...changes } } });
}

const replica = (name: string, changes: Partial<Channel> = {}): Suspect => ({
  state: serverState(name),
  channel: channelFrom('a', changes),
});
const acknowledges = (name: string, changes: Partial<Channel> = {}): Suspect => ({
  ...replica(name, changes),
  state: serverState(name, { semiSync: { words: 'old', asReplica: true } }),
});
const both = [acknowledges('b', { receiver: 'connecting' }), acknowledges('c'), replica('d')];

describe('nothing acknowledged can be missing', () => {
  it('when the source waited without end and everybody who acknowledges has answered', () => {
    expect(isLossless(past(), both, 0)).toBe(true);
    expect(isLossless(past({ replicas: 2 }), both, 0)).toBe(true);
  });

  it.each([
    ['nobody has seen the source', undefined, both],
    ['it had no semi-synchronous replication', serverState('a'), both],
    ['it was switched off', past({ enabled: false }), both],
    ['it gave up waiting after ten seconds', past({ timeoutMs: 10_000 }), both],
    ['others saw a row before a replica had it', past({ lossless: false }), both],
    ['it did not wait when too few were attached', past({ waitsForNobody: false }), both],
    ['it did not wait when it was last seen', past({ status: { active: false, clients: 2 } }), both],
    ['one that acknowledged has not answered', past(), [acknowledges('b'), replica('c')]],
    [
      'one that is set to acknowledge was not attached',
      past(),
      [acknowledges('b'), acknowledges('c', { receiver: 'stopped' })],
    ],
    ['too few were attached', past({ replicas: 3 }), [...both, acknowledges('e')]],
  ])('cannot be said when %s', (_, source, answered) => {
    expect(isLossless(source, answered, 0)).toBe(false);
  });

  it('cannot be said when somebody is silent who may have acknowledged instead of one that is here', () => {
    expect(isLossless(past(), [...both, acknowledges('e')], 1)).toBe(false);
  });
});
