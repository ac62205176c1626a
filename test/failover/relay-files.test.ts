import { expect, it } from 'vitest';
import { relayFilesOf } from '../../src/failover/relay-files.js';
import type { ServerState } from '../../src/model/picture.js';
import { channelFrom, serverState } from '../support/picture.js';

const state = serverState('b', { relayLogBase: '/data/relay', relayLogIndex: '/data/relay.index' });

it.each([
  ['', 'relay.000004', { base: '/data/relay', index: '/data/relay.index' }],
  ['c', 'relay-c.000001', { base: '/data/relay-c', index: '/data/relay-c.index' }],
  // As both families encode it.
  [
    'Ä x-Y',
    'relay-@0k@0020x@002dy.000012',
    { base: '/data/relay-@0k@0020x@002dy', index: '/data/relay-@0k@0020x@002dy.index' },
  ],
  ['c', '', undefined],
  ['c', 'other-c.000001', undefined],
])('the relay log of the channel "%s"', (name, relayLogFile, expected) => {
  expect(relayFilesOf({ state, channel: channelFrom('a', { name, relayLogFile }) })).toEqual(expected);
});

/** The state without what the server does not tell. */
function silent(...untold: readonly (keyof ServerState)[]): ServerState {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !untold.some((one) => one === name)),
  ) as ServerState;
}

it('has its index beside it where the server names none', () => {
  expect(relayFilesOf({ state: silent('relayLogIndex'), channel: channelFrom('a') })).toEqual({
    base: '/data/relay',
    index: '/data/relay.index',
  });
});

it.each([
  ['', 'db2-relay-bin.000004', '/var/lib/mysql/db2-relay-bin'],
  ['c', 'db2-relay-bin-c.000001', '/var/lib/mysql/db2-relay-bin-c'],
  ['', '', undefined],
])('of the channel "%s" is in the data directory where MariaDB names no place', (name, relayLogFile, base) => {
  const untold = { ...silent('relayLogBase', 'relayLogIndex'), dataDir: '/var/lib/mysql/' };
  const expected = base === undefined ? undefined : { base, index: `${base}.index` };
  expect(relayFilesOf({ state: untold, channel: channelFrom('a', { name, relayLogFile }) })).toEqual(expected);
});
