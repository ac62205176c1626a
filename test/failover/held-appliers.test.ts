import { expect, it } from 'vitest';
import { heldAppliers } from '../../src/failover/held-appliers.js';
import type { Channel } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { channelFrom, serverState } from '../support/picture.js';

const server = serverId('b', 3306);
const at = (applierState: string, relayLogPosition = 4): Channel => ({
  ...channelFrom('a'),
  applierState,
  relayLogPosition,
});

it.each<[string, Channel | undefined, Channel, boolean]>([
  ['seen twice at the same place', at('Waiting for backup lock'), at('Waiting for backup lock'), true],
  ['of a table', at('Waiting for table metadata lock'), at('Waiting for table metadata lock'), true],
  ['seen once', at('Reading event from the relay log'), at('Waiting for backup lock'), false],
  ['on which it came further meanwhile', at('Waiting for backup lock', 4), at('Waiting for backup lock', 80), false],
  ['gone by now', at('Waiting for backup lock'), at('Reading event from the relay log'), false],
  ['of nobody known before', undefined, at('Waiting for backup lock'), false],
  ['that is none', at('Waiting for the next event in relay log'), at('Waiting for the next event in relay log'), false],
])('a lock %s', (_what, before, now, isHeld) => {
  const formers = new Map(before === undefined ? [] : [[server, { channel: before }]]);
  const held = heldAppliers(formers, [{ server, state: serverState('b'), channel: now }]);
  expect([...held]).toEqual(isHeld ? [[server, now.applierState]] : []);
});
