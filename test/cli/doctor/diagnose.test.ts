import { describe, expect, it } from 'vitest';
import { diagnose, type Installation } from '../../../src/cli/doctor/diagnose.js';
import type { HookProgram } from '../../../src/hooks/hook-program.js';
import { load } from '../../config/support.js';
import { evidenceOf, known, sshOf } from '../../support/evidence.js';
import { cluster, id } from '../../support/picture.js';

const built = cluster().source('a').replica('b').replica('c');
const empty = { nodePrograms: [], purgeTables: [], unreadable: [] };

function installation(changes: Partial<Installation> = {}): Installation {
  return {
    evidence: evidenceOf(built, { ssh: [sshOf('a'), sshOf('b')] }),
    findings: [],
    origins: [],
    hooks: [],
    rights: [],
    leftovers: [],
    ...changes,
  };
}

const refusals = (seen: Installation): readonly string[] =>
  diagnose(seen)
    .change.filter(({ severity }) => severity === 'refuse')
    .map(({ seen: what }) => what);

describe('what works as it is', () => {
  it('is the configuration, and every host that was reached', () => {
    const { works } = diagnose(installation());
    expect(works).toEqual([
      '/etc/mha/app1.cnf: 3 servers, 0 parameters, read as they are',
      'SSH from this machine to a, b',
    ]);
  });

  it('is a script that can be started, and says so where it was asked', () => {
    const program = { kind: 'ready', file: '/opt/vip' } as const;
    const script = { name: 'shutdown_script', outcome: 'ok', output: '' } as const;
    const { works } = diagnose(
      installation({
        evidence: evidenceOf(built, { scripts: [script] }),
        hooks: [
          { key: 'report_script', program },
          { key: 'shutdown_script', program },
        ],
      }),
    );
    expect(works.slice(1)).toEqual([
      'report_script: /opt/vip can be started',
      'shutdown_script: /opt/vip can be started, and says that it is ready',
    ]);
  });

  it('is MHA’s node package on this machine as long as a script needs its modules', () => {
    const leftovers = ['this machine', 'a'].map((host) => ({
      ...empty,
      host,
      nodePrograms: ['/usr/bin/save_binary_logs'],
    }));
    const program = { kind: 'ready', file: '/opt/vip', modules: ['MHA::DBHelper'] } as const;
    const { works, unneeded } = diagnose(installation({ leftovers, hooks: [{ key: 'report_script', program }] }));
    expect(works).toContain(
      "report_script: /opt/vip can be started; it uses MHA::DBHelper of MHA's node package, which has to stay on this machine",
    );
    expect(unneeded.map((line) => line.split(' (')[0])).toEqual(["MHA's node package on a"]);
    expect(diagnose(installation({ leftovers })).unneeded).toHaveLength(2);
  });

  it('is an account with all its rights, and one that logs in everywhere', () => {
    const tried = { from: id('b'), to: id('a'), user: 'repl', result: { kind: 'ok' } } as const;
    const { works, change } = diagnose(
      installation({
        evidence: evidenceOf(built, { accounts: [tried] }),
        rights: [{ server: id('a'), missing: known([]) }],
      }),
    );
    expect(works.slice(1)).toEqual([
      'The administrative account has all it needs on a:3306',
      'The replication account repl logs in to a:3306 from b:3306',
    ]);
    expect(change).toEqual([]);
  });
});

describe('what is not needed any more', () => {
  it('is every parameter that has nothing left to control, with its place', async () => {
    const { origins } = await load(
      '[server default]\nclient_bindir=/opt/bin\nping_interval=1\n[server1]\nhostname=a\n[server2]\nhostname=b\nhandle_raw_binlog=0\n',
    );
    const { unneeded } = diagnose(installation({ origins }));
    expect(unneeded).toHaveLength(2);
    expect(unneeded[0]).toMatch(/^client_bindir \(\S+app\.cnf:2\): Accepted and not needed/);
    expect(unneeded[1]).toMatch(/^handle_raw_binlog \(\S+app\.cnf:8\): /);
  });

  it('is the node package, and purging on each host', () => {
    const { unneeded } = diagnose(
      installation({
        leftovers: [
          { ...empty, host: 'a', nodePrograms: ['/usr/bin/save_binary_logs'] },
          { ...empty, host: 'b', purgeTables: ['/etc/cron.d/mha'] },
        ],
      }),
    );
    expect(unneeded).toEqual([
      expect.stringContaining('node package on a (/usr/bin/save_binary_logs)'),
      expect.stringMatching(/\/etc\/cron\.d\/mha on b: .*mha-ts purge-relay-logs --conf \/etc\/mha\/app1\.cnf/),
    ]);
  });
});

describe('what has to be changed', () => {
  it('are the findings of the checks, but for what is only to be known', () => {
    const finding = { id: 'x', seen: 's', matters: 'm', fix: 'f' };
    const findings = (['refuse', 'warn', 'note'] as const).map((severity) => ({ ...finding, severity }));
    expect(diagnose(installation({ findings })).change).toEqual(findings.slice(0, 2));
  });

  it.each<[HookProgram, RegExp]>([
    [{ kind: 'missing', file: '/opt/vip' }, /there is no \/opt\/vip/],
    [{ kind: 'not-executable', file: '/opt/vip' }, /\/opt\/vip is not executable/],
    [{ kind: 'no-interpreter', file: '/opt/vip', interpreter: 'perl' }, /run by perl, which is not here/],
  ])('is a script that cannot be started: $kind', (program, words) => {
    const [only] = refusals(installation({ hooks: [{ key: 'shutdown_script', program }] }));
    expect(only).toMatch(words);
  });

  it('are rights that are missing or could not be read; a role may still give them, so nothing is refused', () => {
    const seen = installation({
      rights: [
        { server: id('a'), missing: known(['RELOAD', 'PROCESS']) },
        { server: id('b'), missing: { known: false, reason: 'access denied' } },
      ],
    });
    expect(refusals(seen)).toEqual([]);
    expect(diagnose(seen).change.map(({ seen: what }) => what)).toEqual([
      expect.stringContaining('lacks on a:3306: RELOAD, PROCESS'),
      expect.stringContaining('on b:3306 could not be read: access denied'),
    ]);
  });

  it('is what could not be looked at: nobody knows then what still runs there', () => {
    const { change } = diagnose(
      installation({
        leftovers: [
          { ...empty, host: 'a', unreadable: ['/var/spool/cron/crontabs'] },
          { ...empty, host: 'b', why: 'no answer' },
        ],
      }),
    );
    expect(change.map(({ severity, seen: what }) => [severity, what])).toEqual([
      ['note', expect.stringContaining('on a could be looked at')],
      ['note', expect.stringContaining('no answer')],
    ]);
  });
});
