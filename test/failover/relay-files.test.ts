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

it('is not known where the server does not tell', () => {
  const silent = Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'relayLogIndex')) as ServerState;
  expect(relayFilesOf({ state: silent, channel: channelFrom('a') })).toBeUndefined();
});
