import { describe, expect, it } from 'vitest';
import { finishRun } from '../../src/cli/finish-run.js';
import type { OpenRun } from '../../src/cli/open-run.js';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import type { ClusterHooks } from '../../src/ports/hooks.js';
import { at, storyOf } from '../failover/build.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

const facts = { ...noFacts(), opened: { server: id('b'), at: at('1:4'), gtid: '', wall: 0 } };
const settings = clusterSettings([serverSettings('a'), serverSettings('b')]);
const outcome = outcomeOf(storyOf({ settings, source: id('a'), facts }), 0);

describe('the report of a run', () => {
  it('is told to person and site although the disk is full', async () => {
    const told: { subject: string; body: string }[] = [];
    const hooks = { report: (about: { subject: string; body: string }) => Promise.resolve(void told.push(about)) };
    const folder = { write: () => Promise.reject(new Error('ENOSPC')) };
    const run = { folder, bus: { history: [] } } as unknown as OpenRun;
    const text = await finishRun(outcome, run, hooks as unknown as ClusterHooks, settings);
    expect(text).toContain('b:3306 is the new source');
    expect(text).toContain('This report is not kept: ENOSPC');
    expect(told).toMatchObject([{ body: text }]);
    expect(told[0]?.subject).toMatch(/^\S+: MySQL Master failover a\(\S+:3306\) to b\(\S+:3306\) succeeded$/);
  });
});
