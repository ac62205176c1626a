import { describe, expect, it } from 'vitest';
import type { Contender } from '../../src/failover/election.js';
import { compareLevels, isBehind, losesRelayLogOnStart, newestFirst, newestGroup } from '../../src/failover/newest.js';
import type { Channel, ServerState } from '../../src/model/picture.js';
import { channelFrom, mysql97, serverState } from '../support/picture.js';
import { contender } from './build.js';

const source = 'aaaaaaaa-0000-0000-0000-000000000000';
const own = { b: 'bbbbbbbb-0000-0000-0000-000000000000', c: 'cccccccc-0000-0000-0000-000000000000' } as const;

/** A replica that knows no coordinates; `received` is what its receiver has counted since its last start. */
function mysql(
  name: keyof typeof own,
  executed: string,
  received = '',
  state: Partial<ServerState> = {},
  channel: Partial<Channel> = {},
): Contender {
  const { gtid } = serverState(name);
  const made = contender(name, {
    state: { version: mysql97, serverUuid: own[name], gtid: { ...gtid, mode: 'ON', executed }, ...state },
    channel: { mode: 'auto-position', sourceUuid: source, receivedGtid: received, ...channel },
  });
  return channel.executed === undefined ? withoutCoordinates(made) : made;
}

function mariadb(name: 'b' | 'c', slavePos: string, received = '', channel: Partial<Channel> = {}): Contender {
  const { gtid } = serverState(name);
  const made = contender(name, {
    state: { gtid: { ...gtid, slavePos } },
    channel: { mode: 'gtid-slave-pos', receivedGtid: received, ...channel },
  });
  return channel.executed === undefined ? withoutCoordinates(made) : made;
}

function withoutCoordinates(made: Contender): Contender {
  const channel: { -readonly [K in keyof Channel]: Channel[K] } = { ...made.channel };
  delete channel.received;
  delete channel.executed;
  return { ...made, channel };
}

function unconnected(made: Contender): Contender {
  const channel: { -readonly [K in keyof Channel]: Channel[K] } = { ...made.channel };
  delete channel.sourceUuid;
  return { ...made, channel };
}

const mysql56 = { version: { vendor: 'mysql', text: '5.6.24-log', major: 5, minor: 6, patch: 24 } } as const;
const known = { received: { file: 'bin.000003', position: 500 }, executed: { file: 'bin.000003', position: 500 } };
const several = { channels: [channelFrom('a'), channelFrom('z', { name: 'other' })] };

describe('how much of two replicas each has, where coordinates do not tell', () => {
  it.each([
    ['what was executed counts', mysql('b', `${source}:1-9`), mysql('c', `${source}:1-7`), 'after'],
    [
      'what was received whole counts',
      mysql('b', `${source}:1-5`, `${source}:4-9`),
      mysql('c', `${source}:1-7`),
      'after',
    ],
    [
      'MySQL 5.6 counts a cut transaction as received',
      mysql('b', `${source}:1-7`, `${source}:4-8`, mysql56),
      mysql('c', `${source}:1-7`, `${source}:4-7`, mysql56),
      'equal',
    ],
    [
      'and one that is executed is whole on 5.6 too',
      mysql('b', `${source}:1-8`, `${source}:4-8`, mysql56),
      mysql('c', `${source}:1-7`, `${source}:4-7`, mysql56),
      'after',
    ],
    [
      'transactions of its own are no progress',
      mysql('b', `${source}:1-7,${own.b}:1-50`),
      mysql('c', `${source}:1-8`),
      'before',
    ],
    [
      'what the source passed on is',
      mysql('b', `${source}:1-7,${own.c}:1-5`, `${own.c}:4-5`),
      mysql('c', `${source}:1-7,${own.c}:1-3`),
      'after',
    ],
    [
      'without a connection since they were changed all but their own counts',
      unconnected(mysql('b', `${source}:1-9,${own.b}:1-50`)),
      unconnected(mysql('c', `${source}:1-7,${own.c}:1-3`)),
      'after',
    ],
    ['tags count with their server', mysql('b', `${source}:1-7:blue:1-2`), mysql('c', `${source}:1-7`), 'after'],
    ['one has this, the other that', mysql('b', `${source}:1-5:7`), mysql('c', `${source}:1-6`), 'apart'],
    [
      'coordinates win where both are known',
      mysql('b', '', '', {}, known),
      mysql('c', `${source}:1-9`, '', {}, known),
      'equal',
    ],
    [
      'one without coordinates is compared by sets',
      mysql('b', `${source}:1-7`),
      mysql('c', `${source}:1-6`, '', {}, known),
      'after',
    ],
    ['MariaDB by gtid_slave_pos', mariadb('b', '0-1-9'), mariadb('c', '0-1-7'), 'after'],
    [
      'MariaDB, where one was the source and nobody has written since',
      mariadb('b', '0-2-9'),
      mariadb('c', '0-2-9'),
      'equal',
    ],
    [
      'MariaDB, where one was the source and the other is behind',
      mariadb('b', '0-2-9'),
      mariadb('c', '0-2-7'),
      'after',
    ],
    ['MariaDB, where one was the source and is behind', mariadb('b', '0-2-9'), mariadb('c', '0-1-12'), 'before'],
    ['MariaDB, where one has set its own for a position', mariadb('b', '0-2-9'), mariadb('c', '0-1-7'), 'before'],
    ['MariaDB with what was received', mariadb('b', '0-1-5', '0-1-9'), mariadb('c', '0-1-7'), 'after'],
    ['MariaDB in every domain', mariadb('b', '0-1-9,1-1-2'), mariadb('c', '0-1-7,1-1-3'), 'apart'],
    [
      'its own transactions in current_pos mode are none of the source’s',
      mariadb('b', '0-1-5', '0-2-9'),
      mariadb('c', '0-1-7'),
      'before',
    ],
  ])('%s', (_, b, c, order) => {
    expect(compareLevels(b, c)).toBe(order);
  });

  it('other connections’ domains do not count', () => {
    const b = mariadb('b', '0-1-7,5-9-90', '0-1-7');
    const c = mariadb('c', '0-1-8', '0-1-8');
    expect(compareLevels({ ...b, state: { ...b.state, ...several } }, c)).toBe('before');
  });

  it('nobody can tell without GTIDs', () => {
    const off = { gtid: { ...serverState('b').gtid, mode: 'OFF' } };
    expect(compareLevels(mysql('b', '', '', off), mysql('c', '', '', off))).toBeUndefined();
    expect(isBehind(mysql('b', '', '', off), mysql('c', '', '', off))).toBe(true);
  });

  it('a replica is behind when something received elsewhere is not executed here', () => {
    const b = mysql('b', `${source}:1-5`, `${source}:4-9`);
    expect(isBehind(b, b)).toBe(true);
    expect(isBehind(mysql('c', `${source}:1-9`), b)).toBe(false);
    expect(isBehind(b, mysql('c', `${source}:1-5`))).toBe(false);
  });
});

describe('the newest first', () => {
  it('mixes coordinates and sets, and keeps the file’s order between equals and those apart', () => {
    const b = mysql('b', `${source}:1-5`);
    const c = mysql('c', `${source}:1-9`, '', {}, known);
    const d = { ...mysql('b', `${source}:1-7`, '', {}, known), server: 'd:3306' as Contender['server'] };
    expect(newestFirst([b, c, d]).map(({ server }) => server)).toEqual(['c:3306', 'd:3306', 'b:3306']);
    expect(newestGroup([b, c, d])).toEqual([c, d]);
    const apart = [mysql('b', `${source}:1-5:7`), mysql('c', `${source}:1-6`)];
    expect(newestFirst(apart)).toEqual(apart);
  });

  it('leaves one of whom nothing is known to the end', () => {
    const off = { gtid: { ...serverState('b').gtid, mode: 'OFF' } };
    const lost = mysql('b', '', '', off);
    const there = mysql('c', '', '', off, known);
    expect(newestFirst([lost, there])).toEqual([there, lost]);
    expect(newestGroup([lost, there])).toEqual([there]);
  });
});

describe('a MariaDB replica by GTID whose threads both stand still', () => {
  it('may have something in its relay log that starting removes, when its coordinates are not known', () => {
    const halted = { receiver: 'stopped', applier: 'stopped' } as const;
    expect(losesRelayLogOnStart(mariadb('b', '0-1-5', '', halted).channel)).toBe(true);
    expect(losesRelayLogOnStart(mariadb('b', '0-1-5', '', { ...halted, ...known }).channel)).toBe(false);
    const rewound = { ...known, received: { file: 'bin.000003', position: 4 } };
    expect(losesRelayLogOnStart(mariadb('b', '0-1-5', '', { ...halted, ...rewound }).channel)).toBe(true);
    expect(losesRelayLogOnStart(mariadb('b', '0-1-5', '', { ...halted, applier: 'running' }).channel)).toBe(false);
  });
});
