import { expect, it } from 'vitest';
import { adviceOf } from '../../src/failover/advice.js';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import { Fault } from '../../src/model/fault.js';
import { serverId } from '../../src/model/settings.js';
import { clusterSettings, serverSettings } from '../support/picture.js';
import { at, storyOf } from './build.js';

const lost = new Fault('SQL_CONNECTION_LOST', { server: 'c:3306', message: 'read ECONNRESET' });
const refused = new Fault('REPOINT_FAILED', {
  ...{ server: 'c:3306', source: 'b:3306', receiver: 'connecting', applier: 'running', message: '' },
});

it('what an error says is to be done about a server counts, unless it is the command once more', () => {
  expect(adviceOf(refused)).toContain('Check the replication account');
  expect(adviceOf(lost)).toBeUndefined();
  expect(adviceOf(new Error('odd'))).toBeUndefined();
});

it.each(['give-up-server', 'replan'])(
  'nobody is sent into another failover for a replica that was lost (%s)',
  (onFailure) => {
    const [b, c] = [serverId('b', 3306), serverId('c', 3306)];
    const settings = clusterSettings(['a', 'b', 'c'].map((name) => serverSettings(name)));
    const members = [b, c].map((server) => ({ server, channel: '' }));
    const facts = { ...noFacts(), opened: { server: b, at: at('1:4'), gtid: '', wall: 0 } };
    const step = { id: 'x', server: c, needs: [], after: [], phase: 'repoint', onFailure, do: 'repoint' };
    const failures = [{ step: step as never, error: lost }];
    const { next, servers } = outcomeOf(
      storyOf({ settings, source: serverId('a', 3306), facts, members, failures }),
      0,
    );
    expect(servers.find(({ server }) => server === c)?.why).toContain('broke');
    expect(next.filter((what) => what.includes('c:3306'))).toEqual([
      'rebuild c:3306 from b:3306, or repair it and point it there',
    ]);
  },
);
