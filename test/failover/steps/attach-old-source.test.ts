import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { attachOldSource } from '../../../src/failover/steps/attach-old-source.js';
import { serverId } from '../../../src/model/settings.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { clusterSettings, mariadb1011, serverSettings, serverState } from '../../support/picture.js';
import { at, contender } from '../build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];
const attaching = step(
  { do: 'attach-old-source', to: b },
  { phase: 'repoint', server: a, onFailure: 'give-up-server' },
);

/** What a is told to follow b by GTID, with this gtid_slave_pos of its own and this end of its binary log. */
function told(slavePos: string, binlogPos: string): readonly string[] {
  const former = contender('b', { channel: { mode: 'gtid-slave-pos' } });
  const past = serverState('a', { gtid: { ...serverState('a').gtid, slavePos } });
  const world = {
    settings: clusterSettings([serverSettings('a'), serverSettings('b')]),
    source: { id: a, past },
    facts: { ...noFacts(), former: new Map([[b, former]]), sourceEnd: { at: at('1:4'), gtid: binlogPos } },
    servers: { dialect: () => chooseDialect(mariadb1011) },
  } as unknown as World;
  return attachOldSource.show(attaching as never, world);
}

const isPosition = (line: string): boolean => line.includes('gtid_slave_pos=');

describe('a MariaDB source that becomes a replica by GTID', () => {
  it.each([
    ['was always a source', '', '0-1-100', ["SET GLOBAL gtid_slave_pos='0-1-100'"]],
    ['was a replica before', '0-2-40', '0-1-100', ["SET GLOBAL gtid_slave_pos='0-1-100'"]],
    ['applied another domain without writing it down', '1-2-40', '2-1-9', ["SET GLOBAL gtid_slave_pos='1-2-40,2-1-9'"]],
    ['wrote last when it was a source before', '0-2-140', '0-1-100', ["SET GLOBAL gtid_slave_pos='0-2-140'"]],
    ['has written nothing yet', '0-2-40', '', []],
  ])('goes on behind all that it has: it %s', (_what, slavePos, binlogPos, wanted) => {
    expect(told(slavePos, binlogPos).filter(isPosition)).toEqual(wanted);
  });
});
