import { describe, expect, it } from 'vitest';
import type { RunOutcome, ServerOutcome } from '../../src/model/outcome.js';
import { failoverReport, reportSubject } from '../../src/report/failover-report.js';
import { began, db1, db2, db3, db4, told } from './happenings.js';

const at = (position: number) => ({ file: 'mysql-bin.000007', position });

const base = {
  command: 'failover',
  cluster: 'app1',
  run: '20261121T100000.000Z',
  exit: 10,
  oldSource: db1,
  unfit: [{ server: db4, why: 'no_master=1' }],
  evidence: { code: 'DEAD_PROVEN', lines: ['port 3306 is refused', 'no process holds /var/lib/mysql'] },
  target: at(9000),
  rescued: [
    {
      from: db1,
      kind: 'tail',
      start: at(4000),
      end: at(9000),
      bytes: 5000,
      transactions: 12,
      gtids: '0-1-79-90',
      defect: 'its last event is torn',
      files: ['/var/lib/mha/run/mysql-bin.000007'],
    },
  ],
  losses: ['On db1:3306, what lies behind mysql-bin.000007:9000 could not be used: its last event is torn.'],
  ended: [],
  servers: [
    { server: db1, role: 'old-source' },
    {
      server: db2,
      role: 'new-source',
      before: { executed: at(4000), received: at(4000), gtid: '0-1-78', readOnly: true },
      after: { gtid: '0-1-90', readOnly: false },
    },
    {
      server: db3,
      role: 'recovered',
      before: { executed: at(3000), received: at(4000), gtid: '0-1-70', readOnly: true },
      after: {
        executed: { file: 'db2-bin.000002', position: 400 },
        received: { file: 'db2-bin.000002', position: 400 },
        gtid: '0-1-90',
        readOnly: true,
      },
    },
    {
      server: db4,
      role: 'behind',
      before: { executed: at(100), gtid: '', readOnly: true },
      after: { executed: at(100), gtid: '', readOnly: true },
      setTo: 'former-source',
      why: 'The applier of db4:3306 stopped with error 1062: Duplicate entry',
      next: 'Repair what the error names on db4:3306, or rebuild it from the new source.',
    },
  ],
  hooks: [{ hook: 'master_ip_failover_script', outcome: 'ok', output: 'moved 10.0.0.9\n' }],
  warnings: ['restore-relay-purge:db3:3306: no answer'],
  next: ['Repair what the error names on db4:3306, or rebuild it from the new source.'],
  startedWall: began,
  endedWall: began + 2_300,
} as const satisfies RunOutcome;

const done: RunOutcome = {
  ...base,
  newSource: db2,
  whyChosen: 'candidate_master, and it has everything the others have',
  opened: { at: { file: 'db2-bin.000002', position: 400 }, gtid: '0-1-90' },
  openedWall: began + 842,
};

const history = told(
  [0, { kind: 'run-started', command: 'failover', title: 'Failover of db1:3306' }],
  [5, { kind: 'phase-started', phase: 'freeze' }],
  [45, { kind: 'phase-ended', phase: 'freeze', ok: true, ms: 40 }],
  [50, { kind: 'phase-started', phase: 'save-binlog' }],
  [800, { kind: 'phase-started', phase: 'promote' }],
  [842, { kind: 'phase-ended', phase: 'promote', ok: true, ms: 42 }],
  [2200, { kind: 'phase-ended', phase: 'save-binlog', ok: false, ms: 2150 }],
);

describe('the report of a failover', () => {
  it('tells first what is so, what is lost and what to do', () => {
    expect(failoverReport(done, history)).toBe(`\
app1: MySQL Master failover db1:3306 to db2:3306 done, but not every server was recovered
Run 20261121T100000.000Z, from 2026-11-21T10:00:00.000Z to 2026-11-21T10:00:02.300Z (2.3 s), exit code 10

Now
  db2:3306 is the new source; it was opened for writes at 2026-11-21T10:00:00.842Z, 842 ms after the run began.
  Its own binary log began to take clients' writes at db2-bin.000002:400, GTID 0-1-90.
  Following it: db3:3306.
  NOT following it: db4:3306.

Lost or not known
  On db1:3306, what lies behind mysql-bin.000007:9000 could not be used: its last event is torn.

To do
  1. Repair what the error names on db4:3306, or rebuild it from the new source.

Not recovered
  db4:3306: The applier of db4:3306 stopped with error 1062: Duplicate entry
    It keeps its former replication settings at its present position.
    Next: Repair what the error names on db4:3306, or rebuild it from the new source.

Why db1:3306 was given up
  DEAD_PROVEN
  port 3306 is refused
  no process holds /var/lib/mysql

Why this new source
  db2:3306: candidate_master, and it has everything the others have
  db4:3306 could not be it: no_master=1

Rescued
  12 transactions, 4.9 KiB, from db1:3306 (its binary log)
    mysql-bin.000007:4000 to mysql-bin.000007:9000, GTID 0-1-79-90
    Not used beyond that: its last event is torn
    kept in /var/lib/mha/run/mysql-bin.000007

Servers
  db1:3306  old source
    before  not known: it did not answer
    after   not known: it did not answer
  db2:3306  new source
    before  executed mysql-bin.000007:4000, received mysql-bin.000007:4000, GTID 0-1-78, read-only
    after   GTID 0-1-90, takes writes
  db3:3306  recovered
    before  executed mysql-bin.000007:3000, received mysql-bin.000007:4000, GTID 0-1-70, read-only
    after   executed db2-bin.000002:400, received db2-bin.000002:400, GTID 0-1-90, read-only
  db4:3306  NOT RECOVERED
    before  executed mysql-bin.000007:100, read-only
    after   executed mysql-bin.000007:100, read-only

Timeline
  +      5 ms  Freeze the replicas                      40 ms
  +     50 ms  Phase 1: save binlog of the dead source  2.1 s  FAILED
  +    800 ms  Phase 5: promote                         42 ms

Hooks
  master_ip_failover_script: ok
    moved 10.0.0.9

Warnings
  restore-relay-purge:db3:3306: no answer
`);
  });

  it('says of an aborted run that nobody was promoted, and why', () => {
    const refusal = { code: 'SOURCE_RETURNED', seen: 'db1 lives', matters: 'Two would write.', next: 'Look.' } as const;
    const text = failoverReport({ ...base, exit: 1, losses: [], rescued: [], next: [], refusal }, []);
    expect(text).toContain('app1: MySQL Master failover db1:3306 aborted\n');
    expect(text).toContain('\nNow\n  No server was promoted by this run.\n');
    expect(text).toContain('\nStopped because\n  SOURCE_RETURNED: db1 lives\n  Why it matters: Two would write.\n');
    expect(text).toContain('\nLost or not known\n  Nothing was given up: no server was promoted.\n');
    expect(text).not.toContain('To do');
    expect(text).not.toContain('Timeline');
  });

  it('says in so many words that nothing is lost', () => {
    expect(failoverReport({ ...done, losses: [] }, [])).toContain(
      '\nLost or not known\n  Nothing that any machine held.\n',
    );
  });

  it('says who is level and was left where it was, and that the new source is still closed', () => {
    const servers = base.servers.map((one) =>
      one.role === 'recovered'
        ? { ...one, role: 'levelled' as const, why: 'it was not to be repointed' }
        : one.role === 'new-source'
          ? { ...one, after: { gtid: '0-1-90', readOnly: true } }
          : one,
    );
    const text = failoverReport({ ...done, servers }, []);
    expect(text).toMatch(/db2:3306 is the new source; it was promoted at .*, and is read-only\./);
    expect(text).toContain('No other replica follows it.');
    expect(text).toContain('Level with it, and not pointed to it: db3:3306.');
    expect(text).toContain('db3:3306  level, not repointed');
  });

  it.each([
    ['new-source', 'It is pointed to db2:3306 already: mend what hinders it, and give it no other place.'],
    [undefined, undefined],
  ] as const)('says of a replica left behind what it is set to (%s)', (setTo, sentence) => {
    const behind: ServerOutcome = { server: db4, role: 'behind', ...(setTo === undefined ? {} : { setTo }) };
    const servers = base.servers.map((one) => (one.role === 'behind' ? behind : one));
    const text = failoverReport({ ...done, servers }, []);
    expect(text).not.toContain('keeps its former replication settings');
    if (sentence !== undefined) expect(text).toContain(sentence);
  });

  it('gives no reason for giving up a source that was switched by plan', () => {
    const switched: RunOutcome = { ...done, command: 'switch', exit: 0, evidence: { code: '', lines: [] } };
    const text = failoverReport(switched, []);
    expect(text).toContain('app1: MySQL Master switch db1:3306 to db2:3306 succeeded\n');
    expect(text).not.toContain('given up');
  });
});

describe('the subject', () => {
  it('has the form that mail filters of MHA look for', () => {
    const named = (id: string): string => id.replace(/(\d):3306/, '$1(10.0.0.$1:3306)');
    expect(reportSubject({ ...done, exit: 0 }, named)).toBe(
      'app1: MySQL Master failover db1(10.0.0.1:3306) to db2(10.0.0.2:3306) succeeded',
    );
    expect(reportSubject({ ...done, exit: 0 })).toBe('app1: MySQL Master failover db1:3306 to db2:3306 succeeded');
  });
});

describe('the writer’s address in the report', () => {
  const now = (writerAddress: NonNullable<RunOutcome['writerAddress']>): string =>
    failoverReport({ ...done, writerAddress }, history).split('Lost or not known')[0] ?? '';

  it('is said to lead to the new source, or not', () => {
    expect(now({ address: '10.0.0.100', server: db2, oldHost: 'removed', verified: true })).toContain(
      "The writer's address 10.0.0.100 is on the host of db2:3306, and leads to it.",
    );
    expect(now({ address: '10.0.0.100', server: db2, oldHost: 'removed', verified: false })).toContain(
      'did NOT find the new source',
    );
  });

  it('is what the subject names when nothing else went wrong', () => {
    const servers = done.servers.filter(({ role }) => role !== 'behind');
    const writerAddress = { address: '10.0.0.100', server: db2, verified: false };
    expect(reportSubject({ ...done, servers, writerAddress })).toContain("the writer's address does not lead to it");
    expect(reportSubject({ ...done, writerAddress })).toContain('not every server was recovered');
  });

  it('is said to be perhaps still on a host that could not be told', () => {
    expect(now({ address: '10.0.0.100', server: db2, oldHost: 'silent', verified: true })).toContain(
      'It could not be taken from the host of db1:3306',
    );
  });

  it('names the host whose copy something came from', () => {
    const copy = 'binlog1 backup7';
    const pieces = done.rescued.map((piece) => ({ ...piece, copy }));
    const text = failoverReport(
      { ...done, rescued: [...pieces, ...pieces.map((one) => ({ ...one, kind: 'laggard' as const }))] },
      [],
    );
    expect(text).toContain("from binlog1 backup7 (its copy of db1:3306's binary log)");
    expect(text).toContain("from binlog1 backup7 (its copy of db1:3306's binary log, for replicas far behind)");
  });
});
