import { describe, expect, it } from 'vitest';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf, type Story } from '../../src/failover/outcome.js';
import { serverId } from '../../src/model/settings.js';
import type { Defect } from '../../src/ports/recovery.js';
import type { Channel, Reach } from '../../src/model/picture.js';
import { channelFrom, clusterSettings, serverSettings, serverState } from '../support/picture.js';
import { at, storyOf } from './build.js';

/** What one log gave: `from` is the disk, or the name of a copy. */
interface Piece {
  readonly from: string;
  readonly start: string;
  readonly end: string;
  readonly defect?: Defect['kind'];
}

function lossesAfter(pieces: readonly Piece[]): readonly string[] {
  const facts = noFacts();
  for (const { from, start, end, defect } of pieces) {
    facts.saved.push({
      from: serverId(from, 3306),
      kind: 'tail',
      ...(from === 'disk' ? {} : { copy: `block ${from}` }),
      range: {
        from: at(start),
        to: at(end),
        bytes: 0,
        transactions: 0,
        gtids: '',
        files: [],
        ...(defect === undefined ? {} : { defect: { kind: defect, at: at(end), text: `it is ${defect}` } }),
      },
    });
  }
  return outcomeOf(storyWith(facts), 0).losses;
}

function storyWith(facts: Story['facts']): Story {
  return storyOf({ settings: clusterSettings([serverSettings('disk')]), source: serverId('disk', 3306), facts });
}

describe('a new source that does not answer at the last look', () => {
  it.each<[Reach['kind'], number]>([
    ['answered', 0],
    ['refused-us', 0],
    ['port-refused', 10],
    ['no-answer', 10],
  ])('%s: exit %i', (kind, exit) => {
    const facts = noFacts();
    const server = serverId('b', 3306);
    facts.opened = { server, at: at('1:4'), gtid: '', wall: 0 };
    const reach = { kind, state: serverState('b'), errno: 1040, message: 'gone' } as Reach;
    const outcome = outcomeOf({ ...storyWith(facts), after: { takenAt: 0, servers: new Map([[server, reach]]) } }, 0);
    expect(outcome.exit).toBe(exit);
    expect(outcome.next.join()).toContain(exit === 0 ? '' : `look at ${server} at once`);
  });
});

describe.each([
  ['a replica', 'a'],
  ['the old source of a switch', 'c'],
] as const)('%s that was seen to follow', (_who, from) => {
  const [b, c] = [serverId('b', 3306), serverId('c', 3306)];
  const members = (from === 'c' ? [b] : [b, c]).map((server) => ({ server, channel: '' }));
  const command = from === 'c' ? 'switch' : 'failover';
  const purged = { number: 1236, text: 'purged required binary logs' };
  it.each<[string, Partial<Channel>, string, number]>([
    ['still does', {}, 'recovered', 0],
    ['was told by the source that it cannot', { receiver: 'stopped', receiverError: purged }, 'behind', 10],
    ['broke at the first event', { applier: 'stopped', applierError: purged }, 'behind', 10],
    ['has lost its connection for now', { receiver: 'connecting', receiverError: purged }, 'recovered', 0],
  ])('%s', (_what, changes, role, exit) => {
    const facts = { ...noFacts(), opened: { server: b, at: at('1:4'), gtid: '', wall: 0 } };
    facts.following.add(c);
    const reach: Reach = { kind: 'answered', state: serverState('c', { channels: [channelFrom('b', changes)] }) };
    const settings = clusterSettings(['a', 'b', 'c'].map((name) => serverSettings(name)));
    const story = { ...storyOf({ settings, source: serverId(from, 3306), facts, members }), command } as const;
    const outcome = outcomeOf({ ...story, after: { takenAt: 0, servers: new Map([[c, reach]]) } }, 0);
    expect([outcome.servers.find(({ server }) => server === c)?.role, outcome.exit]).toEqual([role, exit]);
  });

  it.each<[Reach['kind'], string, number]>([
    ['refused-us', 'recovered', 0],
    ['port-refused', 'behind', 10],
    ['no-answer', 'behind', 10],
  ])('and at the last look: %s: %s, exit %i', (kind, role, exit) => {
    const facts = { ...noFacts(), opened: { server: b, at: at('1:4'), gtid: '', wall: 0 } };
    facts.following.add(c);
    const settings = clusterSettings(['a', 'b', 'c'].map((name) => serverSettings(name)));
    const story = { ...storyOf({ settings, source: serverId(from, 3306), facts, members }), command } as const;
    const reach = { kind, errno: 1040, message: 'gone' } as Reach;
    const outcome = outcomeOf({ ...story, after: { takenAt: 0, servers: new Map([[c, reach]]) } }, 0);
    expect([outcome.servers.find(({ server }) => server === c)?.role, outcome.exit]).toEqual([role, exit]);
    expect(outcome.next.join().includes(`look at ${c}`)).toBe(exit === 10);
  });
});

describe('a replica that was left behind', () => {
  const [b, c] = [serverId('b', 3306), serverId('c', 3306)];
  it.each<[string, readonly Channel[] | undefined, string | undefined]>([
    ['was not moved', [channelFrom('a')], 'former-source'],
    ['was pointed to the new source, and cannot follow it', [channelFrom('b')], 'new-source'],
    ['follows it by another channel', [channelFrom('a'), channelFrom('b', { name: 'more' })], 'former-source'],
    ['could not be put back', [channelFrom('tunnel')], undefined],
    ['answers no more', undefined, undefined],
  ])('%s', (_what, channels, setTo) => {
    const facts = { ...noFacts(), opened: { server: b, at: at('1:4'), gtid: '', wall: 0 } };
    facts.former.set(c, { server: c, state: serverState('c'), channel: channelFrom('a') });
    const reach: Reach =
      channels === undefined
        ? { kind: 'no-answer', message: '' }
        : { kind: 'answered', state: serverState('c', { channels }) };
    const settings = clusterSettings(['a', 'b', 'c'].map((name) => serverSettings(name)));
    const members = [b, c].map((server) => ({ server, channel: '' }));
    const story = storyOf({ settings, source: serverId('a', 3306), facts, members });
    const outcome = outcomeOf({ ...story, after: { takenAt: 0, servers: new Map([[c, reach]]) } }, 0);
    expect(outcome.servers.find(({ server }) => server === c)).toMatchObject({ role: 'behind' });
    expect(outcome.servers.find(({ server }) => server === c)?.setTo).toBe(setTo);
  });
});

describe('the old source of a switch', () => {
  const server = serverId('b', 3306);
  it.each<[string, boolean, boolean, number]>([
    ['follows', true, true, 0],
    ['was to follow, and nobody came to try it', true, false, 10],
    ['was to be left alone', false, false, 0],
  ])('%s', (_what, oldSourceStays, follows, exit) => {
    const facts = { ...noFacts(), oldSourceStays, opened: { server, at: at('1:4'), gtid: '', wall: 0 } };
    if (follows) facts.following.add(serverId('disk', 3306));
    expect(outcomeOf({ ...storyWith(facts), command: 'switch' }, 0).exit).toBe(exit);
  });
});

const onDisk = 'On disk:3306, what lies behind bin.000001:100 could not be used: it is encrypted.';

describe('what a report calls lost', () => {
  it.each<[string, readonly Piece[], readonly string[]]>([
    ['nothing where all is whole', [{ from: 'disk', start: '1:100', end: '1:900' }], []],
    ['what lies behind a defect', [{ from: 'disk', start: '1:100', end: '1:100', defect: 'encrypted' }], [onDisk]],
    [
      'what was being written when the server died, of which no client was told',
      [{ from: 'disk', start: '1:100', end: '1:500', defect: 'torn' }],
      [
        'On disk:3306, what lies behind bin.000001:500 could not be used: it is torn. ' +
          'A server with sync_binlog=1 has told no client that this transaction was committed.',
      ],
    ],
    [
      'what the disk may have had beyond a copy',
      [
        { from: 'disk', start: '1:100', end: '1:100', defect: 'encrypted' },
        { from: 'x', start: '1:100', end: '1:900' },
      ],
      [`${onDisk} The copy on block x gave it up to bin.000001:900; whether there was more is not known.`],
    ],
    [
      'the same where that copy had nothing to give',
      [
        { from: 'disk', start: '1:100', end: '1:100', defect: 'encrypted' },
        { from: 'x', start: '1:100', end: '1:100' },
      ],
      [onDisk],
    ],
    [
      'nothing of a copy behind which another one went on',
      [
        { from: 'x', start: '1:100', end: '1:300', defect: 'checksum' },
        { from: 'y', start: '1:300', end: '1:900' },
      ],
      [],
    ],
    [
      'what lies behind the defect of the last copy',
      [
        { from: 'x', start: '1:100', end: '1:300', defect: 'checksum' },
        { from: 'y', start: '1:300', end: '1:300', defect: 'torn' },
      ],
      [
        'On block x, what lies behind bin.000001:300 could not be used: it is checksum.',
        'On block y, what lies behind bin.000001:300 could not be used: it is torn.',
      ],
    ],
  ])('is %s', (_, pieces, losses) => {
    expect(lossesAfter(pieces)).toEqual(losses);
  });
});

describe('a failover that the site’s script had begun with, and that came to nothing', () => {
  it.each([
    ['ok', false, 1],
    ['ten', false, 1],
    ['failed', false, 0],
    ['ok', true, 0],
  ])('%s, opened: %s: says %i times that clients are off the old source', (outcome, isOpened, times) => {
    const facts = noFacts();
    facts.hookResults.push({ hook: 'master_ip_failover_script --command=stop', outcome, output: '' });
    if (isOpened) facts.opened = { server: serverId('b', 3306), at: at('1:4'), gtid: '', wall: 0 };
    const chores = outcomeOf(storyWith(facts), 0).next.filter((what) => what.includes('bring its clients back'));
    expect(chores).toHaveLength(times);
    if (times > 0) expect(chores[0]).toContain('if disk:3306 goes on as the source');
  });
});
