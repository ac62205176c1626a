import { describe, expect, it } from 'vitest';
import { type Contender, type ElectionRules, elect, electForFailover } from '../../src/failover/election.js';
import { type ServerId, serverId } from '../../src/model/settings.js';
import { contender } from './build.js';

const rules: ElectionRules = { excluded: new Map(), checkDelay: true };
const candidate = { candidateMaster: true };
const newer = { vendor: 'mariadb', text: '11.4.2', major: 11, minor: 4, patch: 2 } as const;

const table: readonly {
  readonly name: string;
  readonly contenders: readonly Contender[];
  readonly rules?: Partial<ElectionRules>;
  readonly chosen?: string;
  readonly why?: RegExp;
}[] = [
  {
    name: 'the newest wins when nobody is a candidate',
    contenders: [contender('b', { received: '1:500' }), contender('c', { received: '1:900' })],
    chosen: 'c',
  },
  {
    name: 'the first of the file wins among equals',
    contenders: [contender('b'), contender('c'), contender('d')],
    chosen: 'b',
  },
  {
    name: 'file numbers compare as numbers: 1000000 is newer than 999999',
    contenders: [contender('b', { received: '999999:900' }), contender('c', { received: '1000000:4' })],
    chosen: 'c',
  },
  {
    name: 'a candidate in the same file wins over the newest',
    contenders: [contender('b', { received: '1:900' }), contender('c', { received: '1:500', settings: candidate })],
    chosen: 'c',
  },
  {
    name: 'a candidate among the newest wins over an earlier candidate that is behind',
    contenders: [
      contender('b', { received: '1:500', settings: candidate }),
      contender('c', { received: '1:900', settings: candidate }),
    ],
    chosen: 'c',
  },
  {
    name: 'latest_priority=0 takes the first candidate of the file',
    contenders: [
      contender('b', { received: '1:500', settings: { ...candidate, latestPriority: false } }),
      contender('c', { received: '1:900', settings: { ...candidate, latestPriority: false } }),
    ],
    chosen: 'b',
  },
  {
    name: 'where blocks differ in latest_priority, that of the newest counts',
    contenders: [
      contender('b', { received: '1:500', settings: { ...candidate, latestPriority: false } }),
      contender('c', { received: '1:900', settings: candidate }),
    ],
    chosen: 'c',
  },
  {
    name: 'no_master never becomes the source',
    contenders: [
      contender('b', { received: '1:900', settings: { noMaster: true } }),
      contender('c', { received: '1:500' }),
    ],
    chosen: 'c',
  },
  {
    name: 'without a binary log nobody could follow it',
    contenders: [
      contender('b', { received: '1:900', state: { logBin: false } }),
      contender('c', { received: '1:500' }),
    ],
    chosen: 'c',
  },
  {
    name: 'a broken applier disqualifies the newest',
    contenders: [
      contender('b', { received: '1:900', channel: { applierError: { number: 1062, text: 'duplicate' } } }),
      contender('c', { received: '1:500' }),
    ],
    chosen: 'c',
  },
  {
    name: 'a delayed replica is not chosen',
    contenders: [contender('b', { channel: { delaySeconds: 3600 } }), contender('c', { received: '1:500' })],
    chosen: 'c',
  },
  {
    name: 'one whose version is newer than another replica is not chosen',
    contenders: [contender('b', { state: { version: newer } }), contender('c', { received: '1:500' })],
    chosen: 'c',
  },
  {
    name: 'one whose version is newer is chosen when the operator names it, and that is said',
    contenders: [contender('b', { state: { version: newer } }), contender('c')],
    rules: { forced: serverId('b', 3306) },
    chosen: 'b',
    why: /^named by the operator, though its version is newer than that of c:3306$/,
  },
  {
    name: 'in a switch the old source must be able to follow as well',
    contenders: [contender('b', { state: { version: newer } })],
    rules: { alsoFollows: contender('a').state },
    why: /no replica is fit/,
  },
  {
    name: 'in a switch the operator may name one that the old source is too old for',
    contenders: [contender('b', { state: { version: newer } })],
    rules: { alsoFollows: contender('a').state, forced: serverId('b', 3306) },
    chosen: 'b',
    why: /newer than that of the old source/,
  },
  {
    name: 'the applied position does not count against a candidate: its applier is given time to drain',
    contenders: [
      contender('b', { received: '9:900', executed: '1:4', settings: candidate }),
      contender('c', { received: '9:900' }),
    ],
    chosen: 'b',
  },
  {
    name: 'a candidate that has only received an older file is out',
    contenders: [contender('b', { received: '1:900', settings: candidate }), contender('c', { received: '2:4' })],
    chosen: 'c',
  },
  {
    name: 'more than 100,000,000 bytes behind in the same file is out',
    contenders: [
      contender('b', { received: '1:100', settings: candidate }),
      contender('c', { received: '1:100000101' }),
    ],
    chosen: 'c',
  },
  {
    name: 'exactly 100,000,000 bytes behind is not too far',
    contenders: [
      contender('b', { received: '1:100', settings: candidate }),
      contender('c', { received: '1:100000100' }),
    ],
    chosen: 'b',
  },
  {
    name: 'check_repl_delay=0 lets a candidate lead however far it is behind',
    contenders: [
      contender('b', { received: '1:900', settings: { ...candidate, checkReplDelay: false } }),
      contender('c', { received: '2:4' }),
    ],
    chosen: 'b',
  },
  {
    name: 'one that is far behind leads where no other is fit, and that is said',
    contenders: [
      contender('b', { received: '1:900' }),
      contender('c', { received: '2:4', settings: { noMaster: true } }),
    ],
    chosen: 'b',
    why: /far behind, but no other is fit$/,
  },
  {
    name: 'the operator’s choice may be far behind only where no other is fit',
    contenders: [contender('b', { received: '1:900' }), contender('c', { received: '2:4' })],
    rules: { forced: serverId('b', 3306) },
    why: /b:3306 cannot become the source: it has received up to/,
  },
  {
    name: 'what a planned switch elects may be behind: all are brought level before',
    contenders: [contender('b', { received: '1:900', settings: candidate }), contender('c', { received: '2:4' })],
    rules: { checkDelay: false },
    chosen: 'b',
  },
  {
    name: 'no_master wins over candidate_master of the same server',
    contenders: [contender('b', { settings: { ...candidate, noMaster: true } }), contender('c')],
    chosen: 'c',
    why: /^among the newest$/,
  },
  {
    name: 'a candidate that must not lead does not make the other replicas wait for a candidate',
    contenders: [
      contender('b', { received: '1:900', settings: { ...candidate, noMaster: true } }),
      contender('c', { received: '1:500' }),
      contender('d', { received: '1:700' }),
    ],
    chosen: 'c',
    why: /^first fit replica of the file$/,
  },
  {
    name: 'of two candidates that are both behind, the first of the file leads, not the newer one',
    contenders: [
      contender('b', { received: '1:500', settings: candidate }),
      contender('c', { received: '1:700', settings: candidate }),
      contender('d', { received: '1:900' }),
    ],
    chosen: 'b',
    why: /^candidate_master$/,
  },
  {
    name: 'latest_priority=0 without a candidate takes the first fit replica of the file',
    contenders: [
      contender('b', { received: '1:500', settings: { latestPriority: false } }),
      contender('c', { received: '1:900', settings: { latestPriority: false } }),
    ],
    chosen: 'b',
    why: /^first fit replica of the file$/,
  },
  {
    name: 'latest_priority=0 passes over no_master as well',
    contenders: [
      contender('b', { settings: { latestPriority: false, noMaster: true } }),
      contender('c', { received: '1:500', settings: { latestPriority: false } }),
      contender('d', { received: '1:900', settings: { latestPriority: false } }),
    ],
    chosen: 'c',
  },
  {
    name: 'the operator’s choice wins over everything that is only a preference',
    contenders: [contender('b', { settings: candidate }), contender('c', { received: '1:500' })],
    rules: { forced: serverId('c', 3306) },
    chosen: 'c',
  },
  {
    name: 'the operator’s choice must still be fit',
    contenders: [contender('b'), contender('c', { settings: { noMaster: true } })],
    rules: { forced: serverId('c', 3306) },
    why: /cannot become the source: no_master=1/,
  },
  {
    name: 'one without errant transactions wins over the newest candidate that has some',
    contenders: [
      contender('b', { received: '1:900', settings: candidate, errant: { gtids: '0-2-7', purged: '' } }),
      contender('c', { received: '1:500' }),
    ],
    chosen: 'c',
  },
  {
    name: 'where all have some, the best leads all the same',
    contenders: [
      contender('b', { received: '1:500', errant: { gtids: '0-2-7', purged: '' } }),
      contender('c', { received: '1:900', errant: { gtids: '0-3-7', purged: '' } }),
    ],
    chosen: 'c',
  },
  {
    name: 'purged ones make it unfit: no replica could fetch them',
    contenders: [contender('b', { errant: { gtids: '0-2-7', purged: '0-2-7' } })],
    why: /no replica is fit/,
  },
  {
    name: 'unless the operator names it',
    contenders: [contender('b', { errant: { gtids: '0-2-7', purged: '0-2-7' } }), contender('c')],
    rules: { forced: serverId('b', 3306) },
    chosen: 'b',
  },
  {
    name: 'one that failed on the way is not tried again',
    contenders: [contender('b'), contender('c')],
    rules: { excluded: new Map([[serverId('b', 3306), 'its applier stalled']]) },
    chosen: 'c',
  },
  {
    name: 'nobody fit is said so',
    contenders: [contender('b', { settings: { noMaster: true } })],
    why: /no replica is fit/,
  },
];

describe('election', () => {
  it.each(table)('$name', ({ contenders, rules: changes, chosen, why }) => {
    const result = elect(contenders, { ...rules, ...changes });
    if (chosen === undefined) {
      expect(result.ok).toBe(false);
      expect(result.why).toMatch(why ?? /./);
    } else {
      expect(result).toMatchObject({ ok: true, chosen: { server: serverId(chosen, 3306) } });
      expect(result.why).toMatch(why ?? /./);
    }
  });
});

describe('the election of a failover', () => {
  const behind = contender('b', { received: '1:500', settings: candidate });
  const newest = contender('c', { received: '2:4' });
  const idle = contender('d', { received: '2:4', settings: { noMaster: true } });
  const free = { excluded: new Map<never, never>(), unserved: new Map<never, never>(), held: new Map<never, never>() };
  const without = new Map([[serverId('c', 3306), 'no tunnel']]);
  const lockedOut = (...names: readonly string[]): ReadonlyMap<ServerId, string> =>
    new Map(names.map((name) => [serverId(name, 3306), 'Waiting for backup lock']));
  const fit = ['b', 'c', 'd'].map((name) => contender(name));
  const errant = [contender('b'), contender('c'), contender('d', { errant: { gtids: 'x:1', purged: '' } })];

  it.each([
    ['keeps out who is far behind while another one is fit', free, 'c'],
    ['takes who is far behind before one that cannot be served', { ...free, unserved: without }, 'b'],
    ['takes the one that was named, though it is far behind', { ...free, forced: serverId('b', 3306) }, 'b'],
    [
      'takes the one that was named, though it cannot be served',
      { ...free, unserved: without, forced: serverId('c', 3306) },
      'c',
    ],
    ['keeps out whose applier waits for a lock', { ...free, held: lockedOut('b', 'c') }, 'd', fit],
    ['takes it where no other is fit', { ...free, held: lockedOut('c') }, 'c', [newest, idle]],
    ['takes it before one with transactions of its own', { ...free, held: lockedOut('b', 'c') }, 'b', [...errant]],
    ['takes it where it was named', { ...free, held: lockedOut('c'), forced: serverId('c', 3306) }, 'c', fit],
    ['takes nobody who failed', { ...free, excluded: without, forced: serverId('c', 3306) }, undefined],
    ['takes nobody who must not lead', { ...free, forced: serverId('d', 3306) }, undefined],
  ])('%s', (_, wishes, chosen, among = [behind, newest, idle]) => {
    const result = electForFailover(among, wishes);
    if (chosen === undefined) expect(result.ok).toBe(false);
    else expect(result).toMatchObject({ ok: true, chosen: { server: serverId(chosen, 3306) } });
  });
});
