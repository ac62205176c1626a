import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { pointToRecovery } from '../../../src/failover/steps/serve.js';
import { type ServerSettings, serverId } from '../../../src/model/settings.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { clusterSettings, mariadb1011, mysql97, serverSettings } from '../../support/picture.js';
import { contender } from '../build.js';

const c = serverId('c', 3306);

function shownFor(version: typeof mariadb1011, own: Partial<ServerSettings>): string {
  const settings = clusterSettings([serverSettings('c', own)]);
  const facts = { ...noFacts(), former: new Map([[c, contender('c')]]) };
  const sight = { settings, facts, servers: { dialect: () => chooseDialect(version) } } as unknown as World;
  const pointing = step(
    { do: 'point-to-recovery', channel: '' },
    { phase: 'apply-saved-binlog', server: c, onFailure: 'note' },
  );
  return pointToRecovery.show(pointing as never, sight).join('\n');
}

describe('the plan of pointing a replica to the recovery source', () => {
  it.each([
    [mariadb1011, {}, "MASTER_HOST='127.0.0.1', MASTER_PORT=(its port), "],
    [mysql97, { recoveryListenAddress: '10.0.0.9' }, "SOURCE_HOST='10.0.0.9', SOURCE_PORT=(its port), "],
  ])('names where it will listen, and no port that nobody has chosen yet', (version, own, words) => {
    expect(shownFor(version, own)).toContain(words);
  });
});
