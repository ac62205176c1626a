import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { forgetSource } from '../../../src/failover/steps/promote.js';
import { repoint, towards } from '../../../src/failover/steps/repoint.js';
import { Secret } from '../../../src/model/secret.js';
import type { ServerSettings } from '../../../src/model/settings.js';
import { serverId } from '../../../src/model/settings.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { clusterSettings, mariadb1011, serverSettings } from '../../support/picture.js';
import { at, contender } from '../build.js';

const [b, c] = [serverId('b', 3306), serverId('c', 3306)];
const former = contender('c', { channel: { sourceUser: 'stored' } });

/** c is to follow b; the file says of b what is given here. */
function sight(next: Partial<ServerSettings> = {}, own: Partial<ServerSettings> = {}): World {
  const settings = clusterSettings([serverSettings('a'), serverSettings('b', next), serverSettings('c', own)]);
  const facts = { ...noFacts(), former: new Map([[c, former]]) };
  return { settings, facts, servers: { dialect: () => chooseDialect(mariadb1011) } } as unknown as World;
}

describe('what a replica is told of the new source', () => {
  it('is the account that the new source’s block names', () => {
    const told = towards(
      b,
      at('1:4'),
      former,
      sight({ replicationUser: 'repl', replicationPassword: new Secret('x') }),
    );
    expect([told.user, told.password?.reveal()]).toEqual(['repl', 'x']);
  });

  it('is no account where the file names none: it keeps the one that it has stored', () => {
    const told = towards(b, at('1:4'), former, sight({}, { replicationUser: 'not asked' }));
    expect([told.user, told.password]).toEqual([undefined, undefined]);
  });

  it('never shows the password', () => {
    const pointing = step({ do: 'repoint', channel: '', to: b }, { phase: 'repoint', server: c, onFailure: 'note' });
    const shown = repoint.show(pointing as never, sight({ replicationPassword: new Secret('canary') })).join('\n');
    expect(shown).toContain('CHANGE MASTER');
    expect(shown).not.toContain('canary');
  });
});

describe('a new source with skip_reset_slave', () => {
  const forgetting = step({ do: 'forget-source', channel: '' }, { phase: 'promote', server: b, onFailure: 'note' });
  const remembers = { channels: () => Promise.resolve([former.channel]) };

  it.each([
    [true, true],
    [false, false],
  ])('%s: has its replication settings left alone: %s', async (skipResetSlave, leftAlone) => {
    const world = { ...sight({ skipResetSlave }), servers: remembers } as unknown as World;
    expect(await forgetSource.already?.(forgetting as never, world)).toBe(leftAlone);
  });
});
