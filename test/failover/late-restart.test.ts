import { expect, it } from 'vitest';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import type { Channel, ServerState } from '../../src/model/picture.js';
import { clusterSettings, id, mysql97, serverSettings } from '../support/picture.js';
import { at, contender, storyOf } from './build.js';

/** What is said of d, which applies an hour late and follows the new source by now. */
function warnings(state: Partial<ServerState>, channel: Partial<Channel> = {}, follows = true): readonly string[] {
  const former = contender('d', { state: { version: mysql97, ...state }, channel: { delaySeconds: 3600, ...channel } });
  const facts = noFacts();
  facts.former.set(former.server, former);
  if (follows) facts.following.add(former.server);
  facts.opened = { server: id('b'), at: at('1:4'), gtid: '', wall: 0 };
  const settings = clusterSettings([serverSettings('a'), serverSettings('b'), serverSettings('d')]);
  return outcomeOf(storyOf({ settings, source: id('a'), facts }), 0).warnings;
}

const recovers = { relayLogRecovery: true };

it('a delayed replica by coordinates that would lose its way in a restart is said not to be restarted', () => {
  expect(warnings(recovers)).toEqual([expect.stringContaining('Do not restart d:3306 for the next 3600 s')]);
});

it.each([
  ['keeps its relay log', { relayLogRecovery: false }, {}, true],
  ['goes by GTID', recovers, { mode: 'auto-position' }, true],
  ['is not delayed', recovers, { delaySeconds: 0 }, true],
  ['does not follow the new source', recovers, {}, false],
] as const)('nothing is said of one that %s', (_what, state, channel, follows) => {
  expect(warnings(state, channel, follows)).toEqual([]);
});
