import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { stopReplication } from '../../../src/failover/steps/threads.js';
import { statement } from '../../../src/model/statement.js';
import type { AskOptions } from '../../../src/ports/servers.js';
import { mariadb1011, mysql97 } from '../../support/picture.js';
import { contender } from '../build.js';

describe('stopping a replica that is level', () => {
  it.each([
    ['MariaDB', mariadb1011, 4, 20_000],
    ['MySQL with one applier', mysql97, 0, 20_000],
    ['MySQL with several, which may take a minute of their own', mysql97, 4, 75_000],
  ])('is given up in time for another candidate: %s', async (_what, version, parallelThreads, expected) => {
    const former = contender('b', { state: { version, parallelThreads } });
    const facts = noFacts();
    facts.former.set(former.server, former);
    const deadlines: number[] = [];
    const servers = {
      dialect: () => ({ stopReplication: () => [statement('STOP')], parallelAppliers: () => undefined }),
      run: (_id: unknown, _items: unknown, { deadlineMs }: AskOptions) =>
        Promise.resolve(void deadlines.push(deadlineMs)),
    };
    const world = { facts, servers, signal: new AbortController().signal } as unknown as World;
    const action = { do: 'stop-replication', channel: '' } as const;
    const stopping = step(action, { phase: 'promote', server: former.server, onFailure: 'replan' });
    await stopReplication.perform(stopping as never, world);
    expect(deadlines).toEqual([expected]);
  });
});
