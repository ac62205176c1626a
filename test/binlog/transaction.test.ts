import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type BoundaryState, type EventRole, roleOf } from '../../src/binlog/transaction.js';
import { readHeader } from '../../src/binlog/header.js';

const roles: readonly EventRole[] = [
  'announce',
  'announce-group',
  'announce-standalone',
  'begin',
  'commit',
  'xa-end',
  'statement',
  'part',
  'file',
];

/** The state behind each event of a stream. */
function follow(start: BoundaryState, events: readonly EventRole[]): readonly BoundaryState[] {
  const states: BoundaryState[] = [];
  let state = start;
  for (const role of events) states.push((state = advance(state, role)));
  return states;
}

/** Whole transactions as each family writes them. */
const shapes: Readonly<Record<string, readonly EventRole[]>> = {
  'MySQL rows': ['announce', 'begin', 'part', 'part', 'commit'],
  'MySQL statements': ['announce', 'begin', 'part', 'statement', 'statement', 'commit'],
  'MySQL DDL': ['announce', 'statement'],
  'MySQL DDL with a variable': ['announce', 'part', 'statement'],
  'MySQL compressed payload': ['announce', 'commit'],
  'MySQL XA prepare': ['announce', 'begin', 'part', 'part', 'statement', 'commit'],
  'MySQL XA commit': ['announce', 'xa-end'],
  'MySQL 5.6 rows': ['begin', 'part', 'part', 'commit'],
  'MySQL 5.6 lone statement': ['statement'],
  'MySQL 5.6 lone statement with its variables': ['part', 'part', 'statement'],
  'MariaDB rows': ['announce-group', 'part', 'part', 'commit'],
  'MariaDB statements': ['announce-group', 'part', 'statement', 'statement', 'commit'],
  'MariaDB DDL': ['announce-standalone', 'statement'],
  'MariaDB standalone with a variable': ['announce-standalone', 'part', 'statement'],
  'MariaDB XA commit': ['announce-standalone', 'xa-end'],
};

describe('bounds of transactions', () => {
  it.each(Object.entries(shapes))('%s: outside again at its last event, not before', (_, events) => {
    const states = follow('outside', events);
    expect(states.at(-1)).toBe('outside');
    expect(states.slice(0, -1)).not.toContain('outside');
    expect(states).not.toContain('broken');
  });

  it('takes any sequence of whole transactions and file events', () => {
    const pieces = fc.array(fc.constantFrom<readonly EventRole[]>(...Object.values(shapes), ['file']));
    fc.assert(
      fc.property(pieces, (list) => {
        const counted = list.map((events) => follow('outside', events).at(-1));
        expect(follow('outside', list.flat()).filter((state) => state === 'outside')).toHaveLength(counted.length);
      }),
    );
  });

  it('never comes back from broken', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...roles)), (events) => {
        expect(follow('broken', events).every((state) => state === 'broken')).toBe(true);
      }),
    );
  });

  it.each(Object.entries(shapes).filter(([, events]) => events.length > 1))(
    '%s: broken when the file’s own events or another GTID come inside',
    (_, events) => {
      const inside = follow('outside', events).slice(0, -1);
      for (const state of inside) {
        expect(advance(state, 'file')).toBe('broken');
        expect(advance(state, 'announce')).toBe('broken');
        expect(advance(state, 'announce-group')).toBe('broken');
      }
    },
  );

  it('entered in the middle: believes nothing until an end or a GTID comes', () => {
    expect(follow('entered', ['part', 'statement', 'part', 'commit'])).toEqual([
      'entered',
      'entered',
      'entered',
      'outside',
    ]);
    expect(follow('entered', ['statement', 'announce-group', 'commit'])).toEqual(['entered', 'open', 'outside']);
    expect(follow('entered', ['begin', 'statement', 'commit'])).toEqual(['open', 'open', 'outside']);
  });
});

function query(
  text: string,
  options: { readonly status?: number; readonly database?: string; readonly type?: number } = {},
) {
  const { status = 30, database = 'app', type = 2 } = options;
  const head = Buffer.alloc(19 + 13 + status);
  head.writeUInt8(type, 4);
  head.writeUInt8(database.length, 19 + 8);
  head.writeUInt16LE(status, 19 + 11);
  const event = Buffer.concat([head, Buffer.from(`${database}\0${text}`), Buffer.alloc(4)]);
  event.writeUInt32LE(event.length, 9);
  return event;
}

describe('what a query is', () => {
  it.each<[string, EventRole]>([
    ['BEGIN', 'begin'],
    ['COMMIT', 'commit'],
    ['ROLLBACK', 'commit'],
    ['ROLLBACK TO `s`', 'statement'],
    ['ROLLBACK TO SAVEPOINT averylongname', 'statement'],
    ["XA START X'61',X'',1", 'begin'],
    ["XA END X'61',X'',1", 'statement'],
    ["XA COMMIT X'61',X'',1", 'xa-end'],
    ["XA ROLLBACK X'61',X'',1", 'xa-end'],
    ['COMMITTED', 'statement'],
    ['BEGIN NOT ATOMIC SELECT 1; END', 'statement'],
    ['SAVEPOINT `s`', 'statement'],
    ['', 'statement'],
    ['CREATE TABLE t (a INT)', 'statement'],
  ])('%s is %s', (text, role) => {
    for (const options of [{}, { status: 0, database: '' }, { status: 600, database: 'd'.repeat(200) }]) {
      const event = query(text, options);
      expect(roleOf(readHeader(event, 0), event, 'crc32')).toBe(role);
    }
  });

  it('does not look behind the event when lengths lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 19, maxLength: 120 }), (bytes) => {
        const event = Buffer.from(bytes);
        event.writeUInt8(2, 4);
        expect(roles).toContain(roleOf(readHeader(event, 0), event, 'crc32'));
      }),
    );
  });
});
