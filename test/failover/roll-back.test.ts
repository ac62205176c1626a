import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../src/failover/hand.js';
import type { Story } from '../../src/failover/outcome.js';
import { type Step, step } from '../../src/failover/plan.js';
import { hands } from '../../src/failover/hands.js';
import { rollBack } from '../../src/failover/roll-back.js';
import { undoSteps } from '../../src/failover/undo.js';
import { Fault } from '../../src/model/fault.js';
import type { Reach } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import { serverState } from '../support/picture.js';
import { at, contender } from './build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];
const stopWrites = step({ do: 'stop-writes' }, { phase: 'stop-writes', server: a, onFailure: 'abort' });
const stopReplication = step(
  { do: 'stop-replication', channel: '' },
  { phase: 'promote', server: b, onFailure: 'abort' },
);
const openForWrites = step({ do: 'open-for-writes' }, { phase: 'promote', server: b, onFailure: 'abort' });

interface Script {
  /** Servers that do not answer. */
  readonly silent?: readonly string[];
  /** Servers that take writes now. */
  readonly open?: readonly string[];
}

/** Two servers that do what they are told, and write it down. */
function scripted({ silent = [], open = [] }: Script): { world: World; story: Story; sent: string[] } {
  const sent: string[] = [];
  const writable = new Set(open);
  const servers = {
    reach: (id: string): Promise<Reach> =>
      Promise.resolve(
        silent.includes(id)
          ? { kind: 'no-answer', message: '' }
          : { kind: 'answered', state: serverState(id, { readOnly: !writable.has(id) }) },
      ),
    dialect: () => ({
      readOnly: (on: boolean) => [statement(on ? 'close' : 'open')],
      startApplier: () => [statement('start applier')],
      startReceiver: () => [statement('start receiver')],
    }),
    run: (id: string, items: readonly ReturnType<typeof statement>[]): Promise<void> => {
      if (silent.includes(id))
        return Promise.reject(new Fault('SQL_NO_ANSWER', { server: id, statement: '', deadlineMs: 1 }));
      for (const { text } of items) {
        sent.push(`${id} ${text}`);
        if (text === 'open') writable.add(id);
        if (text === 'close') writable.delete(id);
      }
      return Promise.resolve();
    },
  };
  const partial = {
    clock: { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() },
    events: { emit: () => undefined },
    folder: { journal: { append: () => Promise.reject(new Error('the disk is full')) } },
    servers,
    facts: { ...noFacts(), former: new Map([[b, contender('b')]]) },
    signal: AbortSignal.abort(),
  };
  const story = { source: a, refusal: new Error('first'), warnings: [], losses: [] };
  return { world: partial as unknown as World, story: story as unknown as Story, sent };
}

const touched: readonly Step[] = [stopWrites, stopReplication, openForWrites];

describe('rolling a switch back', () => {
  it('gives writes back before it waits for a replica, though the run is aborted and the journal takes nothing', async () => {
    const { world, story, sent } = scripted({ silent: [b] });
    await rollBack([stopWrites, stopReplication], world, story);
    expect(sent).toEqual([`${a} open`]);
    expect(story.refusal).toMatchObject({ message: 'first' });
  });

  it('closes the new source first, when that was opened after all', async () => {
    const { world, story, sent } = scripted({ open: [b] });
    await rollBack(touched, world, story);
    expect(sent).toEqual([`${b} close`, `${a} open`, `${b} start applier`, `${b} start receiver`]);
  });

  const scriptStart = step({ do: 'hook', hook: 'online-start' }, { phase: 'promote', server: b, onFailure: 'abort' });
  const closedBefore = new Map([[b, contender('b', { state: { readOnly: true } })]]);

  it('closes the new source first, when the site’s script had opened it', async () => {
    const { world, story, sent } = scripted({ open: [b] });
    const facts = { ...world.facts, former: closedBefore };
    await rollBack([stopWrites, stopReplication, scriptStart], { ...world, facts }, story);
    expect(sent).toEqual([`${b} close`, `${a} open`, `${b} start applier`, `${b} start receiver`]);
  });

  it('closes a new source that the script of a failover had opened', async () => {
    const { world, sent } = scripted({ open: [b] });
    const ipStart = step({ do: 'hook', hook: 'ip-start' }, { phase: 'promote', server: b, onFailure: 'abort' });
    await undoSteps([ipStart], hands, { ...world, facts: { ...world.facts, former: closedBefore } });
    expect(sent).toEqual([`${b} close`]);
  });

  it('opens the old source, which the site’s script had closed, before it calls that script', async () => {
    const { world, story, sent } = scripted({});
    const scriptStop = step(
      { do: 'hook', hook: 'online-stop' },
      { phase: 'stop-writes', server: a, onFailure: 'abort' },
    );
    const hooks = {
      onlineChange: () => Promise.resolve({ outcome: sent.push('script') === 2 ? 'failed' : 'ok', output: '' }),
    };
    const calling = { ...world, source: { id: a }, hooks, progress: () => undefined } as unknown as World;
    await rollBack([scriptStop], calling, story);
    expect(sent).toEqual([`${a} open`, 'script']);
    expect(story.warnings).toHaveLength(1);
  });

  it('says what clients wrote to the new source meanwhile', async () => {
    const { world, story } = scripted({ open: [b] });
    const facts = { ...world.facts, former: closedBefore, chosen: b, recorded: { at: at('1:4'), gtid: '' } };
    const servers = { ...world.servers, binlogEnd: () => Promise.resolve({ at: at('1:900'), gtid: '' }) };
    await rollBack([stopWrites, scriptStart], { ...world, facts, servers }, story);
    expect(story.losses).toEqual([expect.stringContaining('from bin.000001:4 to bin.000001:900')]);
  });

  it('leaves a server open that was open before the switch', async () => {
    const { world, story, sent } = scripted({ open: [b] });
    await rollBack([stopWrites, scriptStart], world, story);
    expect(sent).toEqual([`${a} open`]);
  });

  it('sends nothing to a new source that never was open', async () => {
    const { world, story, sent } = scripted({});
    await rollBack([stopWrites, openForWrites], world, story);
    expect(sent).toEqual([`${a} open`]);
  });

  it('keeps the old source closed while it cannot be told whether the new one is open', async () => {
    const { world, story, sent } = scripted({ silent: [b] });
    await rollBack(touched, world, story);
    expect(sent).toEqual([]);
    expect(story.refusal).toMatchObject({ code: 'ROLLBACK_INCOMPLETE' });
  });

  it('says when the old source could not be opened again', async () => {
    const { world, story } = scripted({ silent: [a] });
    await rollBack([stopWrites], world, story);
    expect(story.refusal).toMatchObject({ code: 'ROLLBACK_INCOMPLETE', facts: { server: a, cause: 'first' } });
  });

  it('takes the address from the new source before the old one gets it back, and waits with writes for neither', async () => {
    const { world, story, sent } = scripted({});
    const holders = new Set<string>([b]);
    const slow = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
    };
    const addresses = {
      look: async (server: string) => {
        await slow();
        return holders.has(server) ? { interface: 'eth0', prefix: 24 } : undefined;
      },
      remove: async (server: string) => {
        await slow();
        sent.push(`${server} without address`);
        holders.delete(server);
      },
      add: (server: string) => Promise.resolve(void sent.push(`${server} with address`)),
      announce: () => Promise.resolve('arping'),
    };
    world.facts.addressHeld = { interface: 'eth0', prefix: 24 };
    world.facts.addressAt = b;
    const release = step({ do: 'release-address' }, { phase: 'stop-writes', server: a, onFailure: 'abort' });
    const take = step({ do: 'take-address' }, { phase: 'promote', server: b, onFailure: 'abort' });
    await rollBack([stopWrites, release, take], { ...world, addresses: addresses as never }, story);
    expect(sent).toEqual([`${a} open`, `${b} without address`, `${a} with address`]);
    expect(story.warnings).toEqual([]);
  });
});
