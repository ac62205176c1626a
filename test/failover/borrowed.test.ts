import { describe, expect, it } from 'vitest';
import { giveBack, removeAside } from '../../src/failover/borrowed.js';
import { noFacts, type World } from '../../src/failover/hand.js';
import { step } from '../../src/failover/plan.js';
import type { Channel } from '../../src/model/picture.js';
import { chooseDialect } from '../../src/mysql/dialect/choose.js';
import { formatStatement, type Statement } from '../../src/model/statement.js';
import { clusterSettings, id, mariadb1011, serverSettings } from '../support/picture.js';
import { at, contender } from './build.js';

const former = contender('c', { received: '7:500', channel: { sourceHost: 'a' } });
const served = step(
  { do: 'point-to-recovery', channel: '' },
  { phase: 'apply-saved-binlog', server: former.server, onFailure: 'give-up-server' },
);

/** b is the new source; c, which was served from the dead one's log, does not follow it. What it is told, as c stands. */
async function told(now: Partial<Channel>): Promise<readonly string[]> {
  const sent: string[] = [];
  const facts = noFacts();
  facts.former.set(former.server, former);
  facts.opened = { server: id('b'), at: at('2:300'), gtid: '', wall: 0 };
  const settings = clusterSettings([serverSettings('a'), serverSettings('b'), serverSettings('c')]);
  const servers = {
    dialect: () => chooseDialect(mariadb1011),
    channels: () => Promise.resolve([{ ...former.channel, ...now }]),
    run: (_id: unknown, items: readonly Statement[]) =>
      Promise.resolve(void sent.push(...items.map((item) => formatStatement(item)))),
  };
  const world = { facts, settings, servers, signal: new AbortController().signal } as unknown as World;
  await giveBack([served], world, (_what, work) => work());
  return sent;
}

describe('a replica that was served and follows nobody', () => {
  it('is pointed to its former source, at what it has executed', async () => {
    const change = await told({ sourceHost: '127.0.0.1', sourcePort: 40_000, executed: at('7:900') });
    expect(change.join('\n')).toMatch(/CHANGE MASTER.*'a'.*bin\.000007.*900/s);
  });

  it.each(['b', '10.0.0.2'])(
    'stays pointed to the new source (%s), whose places are no places of the old one',
    async (host) => {
      expect(await told({ sourceHost: host, executed: at('2:300'), receiver: 'connecting' })).toEqual([]);
    },
  );
});

describe('relay logs that were kept from being purged', () => {
  const keep = (name: string) =>
    step({ do: 'keep-relay-logs' }, { phase: 'freeze', server: id(name), onFailure: 'give-up-server' });
  const restore = step(
    { do: 'restore-relay-purge' },
    { phase: 'repoint', server: id('b'), needs: [], onFailure: 'note' },
  );

  it('are purged again also where a replica was in no plan that puts it back, and another one is gone', async () => {
    const facts = noFacts();
    facts.opened = { server: id('b'), at: at('2:300'), gtid: '', wall: 0 };
    const sent: string[] = [];
    const servers = {
      dialect: () => chooseDialect(mariadb1011),
      run: (server: string, items: readonly Statement[]) =>
        server === id('c')
          ? Promise.reject(new Error('no route'))
          : Promise.resolve(void sent.push(...items.map((item) => `${server} ${formatStatement(item)}`))),
    };
    const world = { facts, servers, signal: new AbortController().signal } as unknown as World;
    const failed: string[] = [];
    const quietly = (what: string, work: () => Promise<void>): Promise<void> =>
      work().catch(() => void failed.push(what));
    await giveBack([keep('b'), keep('c'), keep('d'), restore], world, quietly);
    expect(sent).toEqual([expect.stringMatching(/^d:3306 .*relay_log_purge=(1|ON)/)]);
    expect(failed).toEqual([expect.stringContaining('relay_log_purge=1 of c:3306')]);
  });
});

describe('a candidate that was made ready to wait for semi-synchronous replicas', () => {
  /** Both were armed, c by an earlier plan; b was opened. Who is told something. */
  async function toldOf(opened: boolean): Promise<readonly string[]> {
    const asSource = { enabled: false, timeoutMs: 10_000, lossless: true, replicas: 1, waitsForNobody: true };
    const semiSync = { words: 'old', asSource } as const;
    const facts = noFacts();
    for (const name of ['b', 'c']) facts.former.set(id(name), contender(name, { state: { semiSync } }));
    if (opened) facts.opened = { server: id('b'), at: at('2:300'), gtid: '', wall: 0 };
    const sent: string[] = [];
    const servers = {
      dialect: () => chooseDialect(mariadb1011),
      run: (server: string, items: readonly Statement[]) =>
        Promise.resolve(void sent.push(...items.map((item) => `${server} ${formatStatement(item)}`))),
    };
    const source = { past: { semiSync: { words: 'old', asSource: { ...asSource, enabled: true } } } };
    const world = { facts, servers, source, signal: new AbortController().signal } as unknown as World;
    const armed = (name: string) =>
      step({ do: 'arm-semi-sync' }, { phase: 'promote', server: id(name), onFailure: 'note' });
    await giveBack([armed('c'), armed('b')], world, (_what, work) => work());
    return sent;
  }

  it('is set back where another one was opened in its place', async () => {
    const sent = await toldOf(true);
    expect(sent.join('\n')).toMatch(/c:3306 .*rpl_semi_sync_master_enabled=(0|OFF)/);
    expect(sent.filter((text) => text.startsWith('b:3306'))).toEqual([]);
  });

  it('is left to the undoing of the whole run where nobody was opened', async () => {
    expect(await toldOf(false)).toEqual([]);
  });
});

describe('relay logs that were linked aside', () => {
  it('are removed on every host, also where a try was broken off or one host does not answer', async () => {
    const facts = noFacts();
    facts.asideOn.set(id('b'), '/var/tmp/mha-ts-relay-run').set(id('c'), '/var/tmp/mha-ts-relay-run');
    const commands: string[] = [];
    const door = (server: string) => ({
      run: (command: string) => {
        commands.push(`${server}: ${command}`);
        return server === id('b') ? Promise.reject(new Error('no route')) : Promise.resolve({ code: 0 });
      },
    });
    const failed: string[] = [];
    const quietly = (what: string, work: () => Promise<void>): Promise<void> =>
      work().catch(() => void failed.push(what));
    await removeAside({ facts, shells: { door } } as unknown as World, quietly);
    expect(commands.map((command) => command.split(':')[0])).toEqual(['b', 'c']);
    expect(failed).toEqual(['removing the linked relay logs on b:3306']);
  });
});
