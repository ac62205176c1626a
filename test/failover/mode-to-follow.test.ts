import { describe, expect, it } from 'vitest';
import { modeToFollow } from '../../src/failover/mode-to-follow.js';
import type { PositionMode, ServerState } from '../../src/model/picture.js';
import { channelFrom, mysql97, serverState } from '../support/picture.js';

const gtid = serverState('b').gtid;
const mariadb = (slavePos: string): ServerState => serverState('b', { gtid: { ...gtid, slavePos } });
const mysql = (mode: string): ServerState => serverState('b', { version: mysql97, gtid: { ...gtid, mode } });

function mode(had: PositionMode, replica: ServerState, source: ServerState, wish: boolean | undefined): PositionMode {
  return modeToFollow({ channel: channelFrom('a', { mode: had }), state: replica }, { state: source }, wish);
}

describe('how a replica asks the new source', () => {
  it.each(['coordinates', 'auto-position', 'gtid-slave-pos', 'gtid-current-pos'] as const)(
    'as before, when the file says nothing (%s)',
    (had) => {
      expect(mode(had, mysql('ON'), mysql('ON'), undefined)).toBe(had);
    },
  );

  it.each(['auto-position', 'gtid-slave-pos', 'gtid-current-pos'] as const)('by position on demand (%s)', (had) => {
    expect(mode(had, mariadb('0-1-1'), mariadb('0-1-1'), false)).toBe('coordinates');
  });

  it.each([
    ['MariaDB', mariadb('0-1-7'), mariadb(''), 'gtid-slave-pos'],
    ['MariaDB without a position of its own', mariadb(''), mariadb('0-1-7'), 'coordinates'],
    ['MySQL', mysql('ON'), mysql('ON'), 'auto-position'],
    ['MySQL with GTIDs here only', mysql('ON'), mysql('OFF'), 'coordinates'],
    ['MySQL on the way there', mysql('ON_PERMISSIVE'), mysql('ON'), 'coordinates'],
    ['MySQL 5.5', mysql(''), mysql(''), 'coordinates'],
    ['two families', mariadb('0-1-7'), mysql('ON'), 'coordinates'],
  ] as const)('by GTID on demand, where both can: %s', (_, replica, source, expected) => {
    expect(mode('coordinates', replica, source, true)).toBe(expected);
  });

  it('a replica that goes by GTID already keeps its flavour', () => {
    expect(mode('gtid-current-pos', mariadb('0-1-7'), mariadb(''), true)).toBe('gtid-current-pos');
  });
});
