import { describe, expect, it } from 'vitest';
import { closeStrays } from '../../src/failover/close-strays.js';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf, type Story } from '../../src/failover/outcome.js';
import { Fault } from '../../src/model/fault.js';
import type { ServerId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import type { Servers } from '../../src/ports/servers.js';
import { cluster, id } from '../support/picture.js';
import { at, storyOf } from './build.js';

const member = (name: string): Story['members'][number] => ({ server: id(name), channel: '' });

/** After a failover from a to b: c follows, d did not answer at the start; these take writes. */
function ended(open: readonly string[], isOpened = true): Story {
  const shape = (name: string) => ({ state: { readOnly: !open.includes(name) } });
  const { settings, picture } = cluster()
    .source('a')
    .replica('b', shape('b'))
    .replica('c', shape('c'))
    .replica('d', shape('d'))
    .dead('a')
    .build();
  const facts = noFacts();
  if (isOpened) facts.opened = { server: id('b'), at: at('1:4'), gtid: '', wall: 0 };
  facts.following.add(id('c'));
  facts.following.add(id('d'));
  const members = [member('b'), member('c')];
  return storyOf({ settings, source: id('a'), members, unreachable: [id('d')], facts, after: picture });
}

function asked(refuses = false): { sent: string[]; servers: Pick<Servers, 'dialect' | 'run'> } {
  const sent: string[] = [];
  const servers = {
    dialect: () => ({ readOnly: (closed: boolean) => [statement(closed ? 'close' : 'open')] }),
    run: (server: ServerId, items: readonly { readonly text: string }[]) => {
      sent.push(...items.map(({ text }) => `${server} ${text}`));
      if (refuses) return Promise.reject(new Fault('SQL_CONNECTION_LOST', { server, message: 'reset' }));
      return Promise.resolve();
    },
  };
  return { sent, servers: servers as unknown as Pick<Servers, 'dialect' | 'run'> };
}

describe('a server that takes writes beside the new source', () => {
  it.each([
    ['a replica that was restarted', 'c'],
    ['a server that is back', 'd'],
  ])('is closed, and the report says what may be on it: %s', async (_what, name) => {
    const story = ended(['b', name]);
    const { sent, servers } = asked();
    expect(await closeStrays(story, servers)).toBe(true);
    expect(sent).toEqual([`${name}:3306 close`]);
    expect(story.losses).toEqual([expect.stringContaining(`${name}:3306 was found taking writes beside b:3306`)]);
    expect(outcomeOf(story, 0).exit).toBe(10);
  });

  it('is named as the first thing to do where it cannot be closed', async () => {
    const story = ended(['b', 'c']);
    expect(await closeStrays(story, asked(true).servers)).toBe(true);
    expect(story.next).toEqual([expect.stringContaining('close c:3306')]);
    expect(story.losses).toEqual([expect.stringContaining('could not be closed')]);
  });

  it.each([
    ['the new source itself', ended(['b'])],
    ['anybody where nobody was promoted', ended(['c'], false)],
  ])('is not %s', async (_what, story) => {
    const { sent, servers } = asked();
    expect(await closeStrays(story, servers)).toBe(false);
    expect([sent, story.losses, story.strays]).toEqual([[], [], []]);
  });
});
