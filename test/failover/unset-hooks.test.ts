import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/failover/plan.js';
import { planSwitch } from '../../src/failover/switch-plan.js';
import { withoutUnsetHooks } from '../../src/failover/unset-hooks.js';
import type { HookCommands } from '../../src/model/settings.js';
import { cluster, id } from '../support/picture.js';

const plan = planSwitch({
  source: id('a'),
  chosen: { server: id('b'), channel: '' },
  others: [{ server: id('c'), channel: '' }],
  oldSourceStays: true,
});

function left(hooks: { readonly a?: HookCommands; readonly b?: HookCommands }): Plan {
  const { settings } = cluster()
    .source('a', { settings: { hooks: hooks.a ?? {} } })
    .replica('b', { settings: { hooks: hooks.b ?? {} } })
    .replica('c')
    .build();
  return withoutUnsetHooks(plan, settings);
}

const hooksOf = ({ steps }: Plan): readonly string[] => steps.flatMap((step) => (step.do === 'hook' ? [step.id] : []));
const needsOf = ({ steps }: Plan, wanted: string): readonly string[] | undefined =>
  steps.find((step) => step.id === wanted)?.needs;

describe('a plan for a site', () => {
  it('calls the scripts that there are: the stop of the old source, the start of the new one', () => {
    const script = { masterIpOnlineChange: '/opt/move' };
    expect(left({ a: script, b: script })).toEqual(plan);
    expect(hooksOf(left({ a: script }))).toEqual(['hook:a:3306:online-stop']);
    expect(hooksOf(left({ b: script }))).toEqual(['hook:b:3306:online-start']);
    expect(hooksOf(left({ a: { masterIpFailover: '/opt/move' }, b: { masterIpOnlineChange: ' ' } }))).toEqual([]);
  });

  it('keeps the order in which everything else is done', () => {
    const without = left({});
    expect(without.steps.map((step) => step.id)).toEqual(
      plan.steps.filter((step) => step.do !== 'hook').map((step) => step.id),
    );
    expect(needsOf(without, 'stop-writes:a:3306')).toEqual(['drain-transactions:a:3306']);
    expect(needsOf(without, 'open-for-writes:b:3306')).toEqual(['record-position:b:3306']);
    const known = new Set(without.steps.map((step) => step.id));
    expect(
      without.steps.flatMap(({ needs, after }) => [...needs, ...after]).filter((need) => !known.has(need)),
    ).toEqual([]);
  });
});
