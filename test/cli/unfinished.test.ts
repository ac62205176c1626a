import { describe, expect, it } from 'vitest';
import type { Parts } from '../../src/cli/parts.js';
import { settleUnfinishedRuns } from '../../src/cli/unfinished.js';
import type { FormerRecord } from '../../src/failover/put-back.js';
import { Fault } from '../../src/model/fault.js';
import type { ServerId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import type { Workdir } from '../../src/ports/workdir.js';
import { contender } from '../failover/build.js';
import { cluster, id } from '../support/picture.js';

const formers = ['b', 'c'].map((name) => {
  const { server, state, channel } = contender(name, { state: { relayLogPurge: true } });
  return { server, state, channel };
});

/** A cluster of the source a and its replicas b and c, of which some are gone, and the run that was killed there. */
function settled(
  command: FormerRecord['command'],
  gone: readonly string[],
  opening?: string,
  now = cluster().source('a').replica('b').replica('c'),
  begun: readonly string[] = [],
  atWork?: number,
  left?: readonly string[],
  diesBeforeLock?: string,
) {
  const dead = new Set<ServerId>(gone.map(id));
  const sent: string[] = [];
  const said: string[] = [];
  const finished: string[] = [];
  const remaining: string[] = [];
  const { settings, picture } = gone.reduce((built, name) => built.dead(name), now).build();
  const words = (text: string) => () => [statement(text)];
  const servers = {
    observe: () => Promise.resolve(picture),
    dialect: (server: ServerId) => {
      if (dead.has(server)) throw new Fault('SQL_NEVER_ANSWERED', { server });
      return {
        takeLock: () => statement('lock'),
        startApplier: words('start applier'),
        startReceiver: words('start receiver'),
        relayLogPurge: words('purge on'),
        readOnly: words('open'),
      };
    },
    hold: (server: ServerId) =>
      dead.has(server) || (diesBeforeLock !== undefined && server === id(diesBeforeLock))
        ? Promise.reject(new Fault('SQL_NOT_CONNECTED', { server, message: 'refused' }))
        : Promise.resolve({ ask: () => Promise.resolve([{ answer: 1 }]), close: () => undefined }),
    channels: (server: ServerId) =>
      Promise.resolve(formers.filter((former) => former.server === server).map(({ channel }) => channel)),
    run: (server: ServerId, items: readonly { readonly text: string }[]) => {
      sent.push(...items.map(({ text }) => `${server} ${text}`));
      return Promise.resolve();
    },
  };
  const closed = formers.map((former) => ({ ...former, state: { ...former.state, readOnly: true } }));
  const record = { command, source: id('a'), sourceReadOnly: false, formers: left === undefined ? formers : closed };
  const commands: string[] = [];
  const shells = {
    door: (server: ServerId) => ({
      run: (command: string) => {
        if (dead.has(server)) return Promise.reject(new Error('no route'));
        commands.push(`${server} ${command}`);
        return Promise.resolve({ code: 0, stdout: '', stderr: '' });
      },
    }),
  };
  const run = {
    id: 'app1-run',
    path: '/run',
    begun: opening === undefined ? begun : ['open-for-writes:b:3306'],
    remembered: new Map(opening === undefined ? [] : [['open-for-writes:b:3306', opening]]),
    former: JSON.stringify(record),
    ...(atWork === undefined ? {} : { atWork }),
    ...(left === undefined ? {} : { left }),
    leave: (names: readonly string[]) => Promise.resolve(void remaining.push(...names)),
    finish: (why: string) => Promise.resolve(void finished.push(why)),
  };
  const workdir = { unfinishedRuns: () => Promise.resolve([run]) } as unknown as Workdir;
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const settling = settleUnfinishedRuns({ servers, shells, settings, clock } as unknown as Parts, workdir, (text) =>
    said.push(text),
  );
  return { settling, sent, said, finished, commands, remaining };
}

const warnings = (said: readonly string[]): readonly string[] =>
  said.filter((text) => text.includes('does not answer'));

describe('what a killed run left, where a server is gone since', () => {
  it('is put back on the replicas that answer, and the other one is named', async () => {
    const { settling, sent, said, finished, remaining } = settled('failover', ['a', 'c']);
    await settling;
    expect(sent).toContain('b:3306 start receiver');
    expect(sent.filter((line) => line.startsWith('c'))).toEqual([]);
    expect(warnings(said)).toEqual([expect.stringContaining('c:3306')]);
    // It may be pointed to the recovery source still, which a failover takes for no replica of the source's.
    expect([finished, remaining]).toEqual([[], ['c:3306']]);
  });

  it('by a switch is put back on the replicas when its source has died', async () => {
    const { settling, sent, said, finished } = settled('switch', ['a']);
    await settling;
    expect(sent).toContain('c:3306 purge on');
    expect(sent.filter((line) => line.startsWith('a'))).toEqual([]);
    expect(warnings(said)).toEqual([expect.stringContaining('a:3306')]);
    expect(finished).toHaveLength(1);
  });

  it('stays to be put back when nobody answers: it is rather we who are cut off', async () => {
    const { settling, finished } = settled('failover', ['a', 'b', 'c']);
    await expect(settling).rejects.toMatchObject({ code: 'SQL_NOT_CONNECTED' });
    expect(finished).toEqual([]);
  });
});

it('removes the relay logs that a killed run had linked aside, and names those it cannot reach', async () => {
  const begun = ['set-aside-relay:b:3306', 'set-aside-relay:c:3306'];
  const { settling, said, remaining, commands } = settled('failover', ['a', 'c'], undefined, undefined, begun);
  await settling;
  expect(commands).toEqual([expect.stringMatching(/^b:3306 .*rm -rf '?\/var\/tmp\/mha-ts-relay-app1-run/)]);
  expect(said.filter((text) => text.includes('mha-ts-relay-app1-run on c:3306'))).toHaveLength(1);
  expect(remaining).toEqual(['c:3306']);
});

describe('a killed run behind which somebody has gone on', () => {
  it.each([
    ['promoted a replica by hand', 'failover', cluster().source('a').source('b').replica('c', { of: 'b' })],
    ['promoted a replica by hand', 'switch', cluster().source('a').source('b').replica('c', { of: 'b' })],
    ['taken the source out of the configuration', 'failover', cluster().source('b').replica('c', { of: 'b' })],
  ] as const)('is left alone: somebody has %s (%s)', async (_what, command, now) => {
    const { settling, sent, finished } = settled(command, [], undefined, now);
    await expect(settling).rejects.toMatchObject({ code: 'RUN_OVERTAKEN' });
    expect([sent, finished]).toEqual([[], []]);
  });
});

describe('what a run that was given up could not put back', () => {
  const byLeft = (left: readonly string[], gone: readonly string[], now?: ReturnType<typeof cluster>) =>
    settled('failover', gone, undefined, now, [], undefined, left);

  it('keeps no command from starting when it dies again: a failover may be what the others need', async () => {
    const { settling, said, finished } = settled(
      'failover',
      ['a'],
      undefined,
      undefined,
      [],
      undefined,
      ['c:3306'],
      'c',
    );
    await settling;
    expect(said.at(-1)).toContain('c:3306 is not put back yet');
    expect(finished).toEqual([]);
  });

  it('is put back once they answer, and those that it had put back are left alone', async () => {
    const { settling, sent, finished, remaining } = byLeft(['c:3306'], ['a']);
    await settling;
    expect(sent).toContain('c:3306 start receiver');
    expect(sent.filter((line) => line.startsWith('b'))).toEqual([]);
    expect([finished.length, remaining]).toEqual([1, []]);
  });

  it('is put back also while its process is still there, for its report script or to show its status', async () => {
    const { settling, sent, finished } = settled('failover', ['a'], undefined, undefined, [], 4711, ['c:3306']);
    await settling;
    expect(sent).toContain('c:3306 start receiver');
    expect(finished).toHaveLength(1);
  });

  it('is cleared of linked relay logs there, and nowhere else', async () => {
    const begun = ['set-aside-relay:b:3306', 'set-aside-relay:c:3306'];
    const { settling, commands } = settled('failover', ['a'], undefined, undefined, begun, undefined, ['c:3306']);
    await settling;
    expect(commands).toEqual([expect.stringMatching(/^c:3306 .*rm -rf/)]);
  });

  it('stays to be put back on those that are still away', async () => {
    const some = byLeft(['b:3306', 'c:3306'], ['a', 'c']);
    await some.settling;
    expect(some.sent).toContain('b:3306 start receiver');
    expect(warnings(some.said)).toEqual([expect.stringContaining('c:3306')]);
    expect([some.finished, some.remaining]).toEqual([[], ['c:3306']]);
    const none = byLeft(['c:3306'], ['a', 'c']);
    await none.settling;
    expect([none.sent, none.finished, none.remaining]).toEqual([[], [], []]);
    expect(warnings(none.said)).toHaveLength(1);
  });

  it('stays so on one that takes writes by now, as nothing would stand in the way of a second source any more', async () => {
    const now = cluster()
      .source('a')
      .replica('b')
      .replica('c', { state: { readOnly: false } });
    const { settling, sent, said, finished, remaining } = byLeft(['c:3306'], ['a'], now);
    await settling;
    expect([sent, finished, remaining]).toEqual([[], [], []]);
    expect(said.join()).toContain('c:3306 takes writes');
  });

  it('is no concern of anybody any more when somebody has gone on since', async () => {
    const now = cluster().source('a').source('b').replica('c', { of: 'b' });
    const { settling, sent, said, finished } = byLeft(['c:3306'], [], now);
    await settling;
    expect([sent, finished.length]).toEqual([[], 1]);
    expect(said.join()).toContain('stays as it is');
  });

  it('is no longer looked for on servers that are out of the configuration', async () => {
    const { settling, sent, finished } = byLeft(['c:3306'], [], cluster().source('a').replica('b'));
    await settling;
    expect([sent, finished.length]).toEqual([[], 1]);
  });
});

describe('a run that another process is at work on', () => {
  it.each(['who is level goes on from bin.000001:328', undefined])(
    'is neither dead nor ended (%s)',
    async (opening) => {
      const { settling, sent, said, finished } = settled('switch', [], opening, undefined, [], 4711);
      await expect(settling).rejects.toMatchObject({
        code: 'RUN_AT_WORK',
        message: expect.stringContaining('pid 4711') as string,
      });
      expect([sent, said, finished]).toEqual([[], [], []]);
    },
  );
});

describe('a killed run that may have opened the new source', () => {
  it('is left alone, and whoever looks is told where the others go on', async () => {
    const { settling, sent, finished } = settled('failover', ['a'], 'who is level goes on from bin.000001:328');
    await expect(settling).rejects.toMatchObject({
      code: 'RUN_UNFINISHED',
      next: expect.stringContaining('who is level goes on from bin.000001:328') as string,
    });
    // Nobody puts it back: it is no command's that comes later, and a disk is full weeks after the failover.
    await expect(settling).rejects.toMatchObject({ next: expect.stringContaining('relay_log_purge') as string });
    expect([sent, finished]).toEqual([[], []]);
  });
});

describe("a killed run that had called the site's script for the new source", () => {
  const begun = ['close-for-writes:b:3306', 'hook:b:3306:ip-start'];

  it('is left alone where nobody can see whether the script has opened it: another one would be opened beside it', async () => {
    const silent = { kind: 'no-answer', message: 'no route' } as const;
    const now = cluster().source('a').replica('b').replica('c').reach('b', silent);
    const { settling, sent, finished } = settled('failover', ['a'], undefined, now, begun);
    await expect(settling).rejects.toMatchObject({ code: 'RUN_UNFINISHED', facts: { server: id('b') } });
    expect([sent, finished]).toEqual([[], []]);
  });

  it('is put back on the others where no server runs there any more', async () => {
    const { settling, sent, remaining } = settled('failover', ['a', 'b'], undefined, undefined, begun);
    await settling;
    expect(sent).toContain('c:3306 start receiver');
    expect(remaining).toEqual(['b:3306']);
  });

  it('is put back where it answers', async () => {
    const { settling, finished } = settled('switch', [], undefined, undefined, ['hook:b:3306:online-start']);
    await settling;
    expect(finished).toHaveLength(1);
  });
});
