import { expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { repointDelayed } from '../../../src/failover/steps/delayed.js';
import { formatStatement, type Statement } from '../../../src/model/statement.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { clusterSettings, id, mariadb1011, serverSettings } from '../../support/picture.js';
import { at, contender } from '../build.js';

const gtid = { ...contender('d').state.gtid, slavePos: '0-1-7' };
const delayed = contender('d', {
  received: '3:900',
  executed: '1:4',
  channel: { mode: 'gtid-slave-pos', delaySeconds: 3600 },
  state: { gtid },
});
const chosen = contender('b', { state: { logReplicaUpdates: true } });

it.each([undefined, false, true])(
  'a delayed replica goes on by GTID at what it has executed (use_gtid_auto_pos: %s)',
  async (useGtidAutoPos) => {
    const facts = noFacts();
    for (const level of [delayed, chosen]) facts.former.set(level.server, level);
    facts.opened = { server: chosen.server, at: at('2:300'), gtid: '0-1-99', wall: 0 };
    const sent: string[] = [];
    const servers = {
      dialect: () => chooseDialect(mariadb1011),
      reach: () => Promise.resolve({ kind: 'answered', state: { ...delayed.state, channels: [delayed.channel] } }),
      binlogBeginning: () => Promise.resolve('0-1-5'),
      run: (_id: unknown, items: readonly Statement[]) =>
        Promise.resolve(void sent.push(...items.map((item) => formatStatement(item)))),
    };
    const wish = useGtidAutoPos === undefined ? {} : { useGtidAutoPos };
    const settings = clusterSettings([serverSettings('a'), serverSettings('b'), serverSettings('d', wish)]);
    const world = { facts, servers, settings, signal: new AbortController().signal } as unknown as World;
    const action = { do: 'repoint-delayed', channel: '', to: id('b') } as const;
    const pointing = step(action, { phase: 'repoint', server: id('d'), onFailure: 'give-up-server' });
    await repointDelayed.perform(pointing as never, world);
    expect(sent.join('\n')).toMatch(/MASTER_USE_GTID=slave_pos/i);
    expect(sent.join('\n')).not.toContain('MASTER_LOG_POS');
  },
);
