import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/failover/plan.js';
import { planSwitch } from '../../src/failover/switch-plan.js';
import { serverId } from '../../src/model/settings.js';

const [a, b, c] = [serverId('a', 3306), serverId('b', 3306), serverId('c', 3306)];
const chosen = { server: b, channel: '' };
const others = [{ server: c, channel: '' }];

function steps(oldSourceStays: boolean): readonly Step[] {
  return planSwitch({ source: a, chosen, others, oldSourceStays }).steps;
}

/** Everything that must have succeeded before a step. */
function before(all: readonly Step[], id: string): readonly string[] {
  const needs = all.find((step) => step.id === id)?.needs ?? [];
  return [...needs.flatMap((need) => before(all, need)), ...needs];
}

describe('the plan of a switch', () => {
  it.each([
    ['receiver-alone', ['receive-target:c:3306', 'move-receiver:c:3306']],
    ['as-executed', ['repoint-delayed:c:3306']],
  ] as const)('never waits for a delayed replica to apply (%s)', (delayed, expected) => {
    const late = [{ server: c, channel: '', delayed }];
    const all = planSwitch({ source: a, chosen, others: late, oldSourceStays: true }).steps;
    expect(all.filter(({ server }) => server === c).map(({ id }) => id)).toEqual(expected);
    expect(before(all, 'open-for-writes:b:3306').filter((id) => id.includes('c:3306'))).toEqual([]);
    expect(all.find(({ do: what }) => what === 'forget-source')?.after).toEqual(expected.slice(-1));
  });

  it('does everything up to the opening in one line, and any failure there ends it', () => {
    const all = steps(true);
    const line = [
      'come-near:b:3306',
      'drain-transactions:a:3306',
      'hook:a:3306:online-stop',
      'stop-writes:a:3306',
      'reach-target:b:3306',
      'stop-replication:b:3306',
      'record-position:b:3306',
      'hook:b:3306:online-start',
    ];
    expect(before(all, 'open-for-writes:b:3306')).toEqual(line);
    const upToOpening = all.filter(({ id }) => [...line, 'open-for-writes:b:3306'].includes(id));
    expect(new Set(upToOpening.map(({ onFailure }) => onFailure))).toEqual(new Set(['abort']));
  });

  it('lets nothing behind the opening end the run', () => {
    const behind = steps(true).filter(({ phase }) => phase === 'repoint');
    expect(behind.map(({ onFailure }) => onFailure)).not.toContain('abort');
    for (const { id } of behind) expect(before(steps(true), id)).toContain('open-for-writes:b:3306');
  });

  it('attaches the old source when its lock is gone, or not at all', () => {
    expect(before(steps(true), 'attach-old-source:a:3306')).toContain('unlock-writes:a:3306');
    expect(steps(false).map(({ id }) => id)).not.toContain('attach-old-source:a:3306');
    expect(steps(false).map(({ id }) => id)).toContain('unlock-writes:a:3306');
  });

  it('moves the writer’s address under the lock, beside the catching up, and opens nobody before', () => {
    const all = planSwitch({ source: a, chosen, others, oldSourceStays: true, movesAddress: true }).steps;
    expect(before(all, 'release-address:a:3306').at(-1)).toBe('stop-writes:a:3306');
    expect(before(all, 'release-address:a:3306')).not.toContain('reach-target:b:3306');
    expect(before(all, 'take-address:b:3306')).toEqual(
      expect.arrayContaining(['release-address:a:3306', 'record-position:b:3306']),
    );
    expect(before(all, 'hook:b:3306:online-start')).toContain('take-address:b:3306');
    expect(before(all, 'open-for-writes:b:3306')).toContain('take-address:b:3306');
    expect(before(all, 'open-for-writes:b:3306')).not.toContain('announce-address:b:3306');
    expect(before(all, 'verify-address:b:3306')).toContain('open-for-writes:b:3306');
    const failing = Object.fromEntries(
      all.filter(({ do: kind }) => kind.endsWith('-address')).map((one) => [one.do, one.onFailure]),
    );
    expect(failing).toEqual({
      'release-address': 'abort',
      'take-address': 'abort',
      'announce-address': 'note',
      'verify-address': 'note',
    });
    expect(steps(true).some(({ do: kind }) => kind.endsWith('-address'))).toBe(false);
  });

  it('lets the old source follow only when nobody gets from it what it is given, where that would be twice', () => {
    const input = { source: a, chosen, others, oldSourceStays: true };
    const attach = (passesOn: boolean): Step | undefined =>
      planSwitch({ ...input, passesOn }).steps.find(({ do: kind }) => kind === 'attach-old-source');
    expect(attach(true)?.after).toEqual(['repoint:c:3306']);
    expect(attach(false)?.after).toEqual([]);
  });

  it('stops the old source where each follows the other, before the lock, and lets it go on behind the opening', () => {
    const input = { source: a, chosen, others, mutual: 'm', passesOn: true };
    const all = planSwitch({ ...input, oldSourceStays: true }).steps;
    expect(before(all, 'stop-writes:a:3306')).toContain('pause-following:a:3306');
    expect(before(all, 'pause-following:a:3306')).toEqual(['come-near:b:3306']);
    expect(all.map(({ do: kind }) => kind)).not.toContain('resume-following');
    const alone = planSwitch({ ...input, oldSourceStays: false }).steps;
    const resume = alone.find(({ do: kind }) => kind === 'resume-following');
    expect(resume).toMatchObject({
      server: a,
      channel: 'm',
      needs: ['unlock-writes:a:3306'],
      after: ['repoint:c:3306'],
    });
  });

  it('forgets the old source last, when nobody needs that relay log any more', () => {
    expect(steps(true).find(({ do: kind }) => kind === 'forget-source')?.after).toEqual(['repoint:c:3306']);
  });
});
