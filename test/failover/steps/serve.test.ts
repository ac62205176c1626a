import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { pointToRecovery } from '../../../src/failover/steps/serve.js';
import { type ServerSettings, serverId } from '../../../src/model/settings.js';
import { formatStatement, type Statement } from '../../../src/model/statement.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { clusterSettings, mariadb1011, mysql97, serverSettings } from '../../support/picture.js';
import { at, contender } from '../build.js';

const c = serverId('c', 3306);

const pointing = step(
  { do: 'point-to-recovery', channel: '' },
  { phase: 'apply-saved-binlog', server: c, onFailure: 'note' },
) as never;

function shownFor(version: typeof mariadb1011, own: Partial<ServerSettings>): string {
  const settings = clusterSettings([serverSettings('c', own)]);
  const facts = { ...noFacts(), former: new Map([[c, contender('c')]]) };
  const sight = { settings, facts, servers: { dialect: () => chooseDialect(version) } } as unknown as World;
  return pointToRecovery.show(pointing, sight).join('\n');
}

/** What is sent to a replica of MySQL 9.7 that has executed up to there and shows its receiver here. */
async function sentTo(executed: string, received: string): Promise<string> {
  const sent: string[] = [];
  const former = contender('c', { state: { version: mysql97 }, channel: { mode: 'coordinates' } });
  const facts = noFacts();
  facts.former.set(c, former);
  facts.executed.set(c, at(executed));
  facts.listening.set(c, { host: '127.0.0.1', port: 4711 });
  const servers = {
    dialect: () => chooseDialect(mysql97),
    channels: () => Promise.resolve([{ ...former.channel, received: at(received) }]),
    run: (_: unknown, statements: readonly Statement[]) => {
      sent.push(...statements.map((item) => formatStatement(item)));
      return Promise.resolve();
    },
  };
  const settings = clusterSettings([serverSettings('c')]);
  await pointToRecovery.perform(pointing, { settings, facts, servers } as unknown as World);
  return sent.join('\n');
}

describe('the plan of pointing a replica to the recovery source', () => {
  it.each([
    [mariadb1011, {}, "MASTER_HOST='127.0.0.1', MASTER_PORT=(its port), "],
    [mysql97, { recoveryListenAddress: '10.0.0.9' }, "SOURCE_HOST='10.0.0.9', SOURCE_PORT=(its port), "],
  ])('names where it will listen, and no port that nobody has chosen yet', (version, own, words) => {
    expect(shownFor(version, own)).toContain(words);
  });
});

describe('a MySQL replica that is pointed to the recovery source', () => {
  it('keeps its relay log, and goes on behind it', async () => {
    const sent = await sentTo('7:400', '7:900');
    expect(sent).toContain('SOURCE_LOG_POS=900');
    expect(sent).not.toMatch(/STOP REPLICA FOR|SQL_THREAD/);
  });

  it('goes on where it has executed when its receiver is shown long before: it would be given again what it has', async () => {
    const sent = await sentTo('7:900', '7:400');
    expect(sent).toContain('SOURCE_LOG_POS=900');
    expect(sent).toMatch(/STOP REPLICA FOR|SQL_THREAD/);
  });
});
