import { expect, it } from 'vitest';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import type { Story } from '../../src/failover/outcome.js';
import { serverId } from '../../src/model/settings.js';
import { clusterSettings, serverSettings } from '../support/picture.js';
import { at, storyOf } from './build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];

function chores(facts: Partial<Story['facts']>, changes: Partial<Story> = {}): readonly string[] {
  const settings = clusterSettings(['a', 'b'].map((name) => serverSettings(name)));
  const opened = { server: b, at: at('7:326'), gtid: '', wall: 0 };
  return outcomeOf(storyOf({ settings, source: a, facts: { ...noFacts(), opened, ...facts }, ...changes }), 0).next;
}

it('a source that was held down must not be started open, and may follow from where the new one was opened', () => {
  const [close, follow, ...rest] = chores({ sshReachable: true, target: at('3:900') });
  expect(close).toContain(`before ${a} is started again, write read_only=1 into its option file`);
  expect(follow).toContain(
    `${a} can then follow ${b} from bin.000007:326 on, if its own log still reaches bin.000003:900`,
  );
  expect(rest).toEqual([]);
});

it('a source whose host was out of reach may still take writes, and hold what nobody else has', () => {
  const [close, rebuild] = chores({ sshReachable: false, target: at('3:900') }, { losses: ['how many is not known'] });
  expect(close).toContain(`as soon as the host of ${a} can be reached, close that server`);
  expect(rebuild).toContain(`rebuild ${a} from ${b} before it follows it`);
});

it('stands in front of how to end the guard that keeps it down', () => {
  const all = chores({ sshReachable: true }, { next: ['end the guard there with: kill'] });
  expect(all.at(-1)).toBe('end the guard there with: kill');
  expect(all[0]).toContain('read_only=1');
});

it('gives nobody for a chore what was done on its host and is told as evidence', () => {
  const evidence = { code: 'source-hung', lines: ['killed the server (pid 7)'] };
  const next = ['killed the server (pid 7)', 'end the guard there with: kill'];
  expect(chores({ sshReachable: true }, { evidence, next }).join()).not.toContain('killed the server');
  const settings = clusterSettings([serverSettings('a')]);
  expect(outcomeOf(storyOf({ settings, source: a, evidence, next }), 0).next).toEqual(next);
});

it('says nothing where nobody was opened, nor of a switch', () => {
  expect(outcomeOf(storyOf({ settings: clusterSettings([serverSettings('a')]), source: a }), 0).next).toEqual([]);
  expect(chores({ target: at('3:900') }, { command: 'switch' })).toEqual([]);
});
