import { describe, expect, it } from 'vitest';
import { failover } from '../../src/failover/failover.js';
import type { FailoverRequest } from '../../src/failover/failover-request.js';
import type { RunPorts } from '../../src/failover/hand.js';
import { everything } from '../../src/failover/wishes.js';
import { Fault } from '../../src/model/fault.js';
import type { Channel, Reach, ServerState } from '../../src/model/picture.js';
import { formatStatement, type Statement } from '../../src/model/statement.js';
import { chooseDialect } from '../../src/mysql/dialect/choose.js';
import type { Addresses } from '../../src/ports/addresses.js';
import type { ClusterHooks } from '../../src/ports/hooks.js';
import type { Recovery } from '../../src/ports/recovery.js';
import type { Servers } from '../../src/ports/servers.js';
import type { Shells } from '../../src/ports/shell.js';
import { channelFrom, clusterSettings, id, mariadb1011, serverSettings, serverState } from '../support/picture.js';

const [a, b] = [id('a'), id('b')];

/**
 * When its line is cut: as the statement that opens it is sent (its answer is lost, the statement may not be), or never. Behind the
 * opening it may have no time for the next question.
 */
type Cut = 'as its receiver is stopped' | 'at the opening' | 'busy behind the opening' | 'never';

/** A dead source without a shell, and one replica that has everything. */
function cluster(cut: Cut): { request: FailoverRequest; ports: RunPorts; released: string[]; recorded: string[] } {
  const released: string[] = [];
  let channel: Channel = channelFrom('a');
  let readOnly = true;
  const recorded: string[] = [];
  let isCut = false;
  let isBusy = false;
  const dialect = chooseDialect(mariadb1011);
  const state = (): ServerState => serverState('b', { readOnly, relayLogPurge: false, channels: [channel] });
  const reach = (server: string): Reach => {
    const hasTime = !isBusy;
    if (server === b) isBusy = false;
    const answers = server === b && !isCut && hasTime;
    return answers ? { kind: 'answered', state: state() } : { kind: 'no-answer', message: 'no answer' };
  };
  const lost = (): Fault => new Fault('SQL_NO_ANSWER', { server: b, statement: '', deadlineMs: 1 });
  const carryOut = (text: string): void => {
    if (/STOP (SLAVE|REPLICA)( IO_THREAD)?$/.test(text)) channel = { ...channel, receiver: 'stopped' };
    if (/STOP (SLAVE|REPLICA)$/.test(text)) channel = { ...channel, applier: 'stopped' };
    if (cut === 'as its receiver is stopped' && text.endsWith('IO_THREAD')) isCut = true;
    if (!text.includes('read_only=0')) return;
    isCut = cut === 'at the opening';
    isBusy = cut === 'busy behind the opening';
    readOnly = false;
  };
  const servers: Partial<Servers> = {
    reach: (server) => Promise.resolve(reach(server)),
    observe: (_ms, ids = [a, b]) =>
      Promise.resolve({ takenAt: 0, servers: new Map(ids.map((server) => [server, reach(server)])) }),
    channels: () => (isCut ? Promise.reject(lost()) : Promise.resolve([channel])),
    binlogEnd: () => Promise.resolve({ at: { file: 'bin.000001', position: 4 }, gtid: '' }),
    preparedXa: () => Promise.resolve([]),
    hold: () =>
      Promise.resolve({
        run: () => Promise.resolve(),
        ask: () => Promise.resolve([{ answer: 1 }]),
        binlogEnd: () => Promise.resolve(undefined),
        lost: new Promise<string>(() => undefined),
        close: () => undefined,
      }),
    run: (_server, statements: readonly Statement[]) => {
      if (!isCut) for (const item of statements) carryOut(formatStatement(item));
      return isCut ? Promise.reject(lost()) : Promise.resolve();
    },
    dialect: () => dialect,
  };
  const look = { port: 'refused', process: 'none' } as const;
  const recovery: Partial<Recovery> = {
    begin: () => Promise.resolve(),
    end: () => Promise.resolve(),
    onProgress: () => undefined,
  };
  const ports: RunPorts = {
    clock: { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() },
    servers: servers as Servers,
    recovery: recovery as Recovery,
    fence: {
      hold: () => Promise.resolve({ state: 'down', lines: [], look }),
      look: () => Promise.resolve(look),
      release: (outcome) => {
        released.push(outcome);
        return Promise.resolve([]);
      },
    },
    shells: {} as Shells,
    hooks: {} as ClusterHooks,
    addresses: {} as Addresses,
    events: { emit: () => undefined },
    folder: {
      path: '/run',
      id: 'run',
      journal: { append: ({ what }) => Promise.resolve(void recorded.push(what)), close: () => Promise.resolve() },
      write: () => Promise.resolve(''),
      freeBytes: () => Promise.resolve(0),
    },
  };
  const settings = clusterSettings([serverSettings('a'), serverSettings('b')]);
  const request: FailoverRequest = {
    settings,
    source: { id: a, serverId: 1, gtidMode: '', domainId: 0 },
    members: [{ server: b, channel: '' }],
    picture: { takenAt: 0, servers: new Map([[b, reach(b)]]) },
    evidence: { code: 'source-dead-proven', lines: [] },
    fenceBy: 'shell',
    unreachable: [],
    unserved: new Map(),
    wishes: everything,
  };
  return { request, ports, released, recorded };
}

describe('a failover', () => {
  const { signal } = new AbortController();

  it('opens the replica and keeps the old source down', async () => {
    const { request, ports, released, recorded } = cluster('never');
    const outcome = await failover(request, ports, signal);
    expect(recorded.at(-1)).toBe('end');
    expect([outcome.newSource, released]).toEqual([b, ['promoted']]);
  });

  it('names who followed the source and is not in the configuration: nobody repoints it, and it would be forgotten', async () => {
    const { request, ports } = cluster('never');
    const known = await failover({ ...request, strangers: [] }, ports, signal);
    const { warnings } = await failover({ ...request, strangers: ['10.0.0.77'] }, ports, signal);
    const more = warnings.filter((text) => !known.warnings.includes(text));
    expect(more).toEqual([expect.stringMatching(/^a:3306 was followed from 10\.0\.0\.77 .*nor repointed/)]);
  });

  it.each([
    { rescue: true, ends: [undefined, 1, 'RECOVERY_THREAD_DIED'] },
    { rescue: false, ends: [b, 0, undefined] },
  ])(
    'gives up what the dead disk holds for want of a thread only where it was asked to (rescue $rescue)',
    async ({ rescue, ends }) => {
      const { request, ports } = cluster('never');
      // It is told at once, long before the locks of all replicas are had.
      const begin = (): Promise<void> => Promise.reject(new Fault('RECOVERY_THREAD_DIED', { message: 'no memory' }));
      const hold: Servers['hold'] = async (...words) => {
        await new Promise((resolve) => setImmediate(resolve));
        return ports.servers.hold(...words);
      };
      const poor = { ...ports, recovery: { ...ports.recovery, begin }, servers: { ...ports.servers, hold } };
      const outcome = await failover({ ...request, wishes: { ...everything, rescue } }, poor, signal);
      expect([outcome.newSource, outcome.exit, outcome.refusal?.code]).toEqual(ends);
    },
  );

  it('asks a dozen replicas at once without a word of Node on the terminal', async () => {
    const { request, ports } = cluster('never');
    const warned: string[] = [];
    const note = ({ name }: Error): void => void warned.push(name);
    process.on('warning', note);
    const hold: Servers['hold'] = async (server, options) => {
      // As a connection does, for as long as it is being opened.
      for (let replica = 1; replica <= 12; replica += 1) options.signal?.addEventListener('abort', () => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      return ports.servers.hold(server, options);
    };
    await failover(request, { ...ports, servers: { ...ports.servers, hold } }, signal);
    process.off('warning', note);
    expect(warned).toEqual([]);
  });

  it('goes on behind the opening though the new source has no time to be looked at', async () => {
    const { request, ports } = cluster('busy behind the opening');
    const outcome = await failover(request, ports, signal);
    expect([outcome.newSource, outcome.exit, outcome.refusal]).toEqual([b, 0, undefined]);
  });

  it('keeps the old source down where nobody can tell whether the new one was opened', async () => {
    const { request, ports, released } = cluster('at the opening');
    const outcome = await failover(request, ports, signal);
    expect(outcome).toMatchObject({ exit: 1, warnings: [expect.stringContaining('open-for-writes')] });
    expect(outcome.next.join()).toContain(`look at ${b} at once`);
    expect(released).toEqual(['promoted']);
  });

  it('is not at its end for the next command then, which would open another one beside it', async () => {
    const { request, ports, recorded } = cluster('at the opening');
    await failover(request, ports, signal);
    expect(recorded).toContain('intend');
    expect(recorded).not.toContain('end');
  });

  it('leaves the replica that it could not put back to the next command', async () => {
    const { request, ports, released, recorded } = cluster('as its receiver is stopped');
    const outcome = await failover(request, ports, signal);
    expect([outcome.exit, outcome.newSource, released]).toEqual([1, undefined, ['aborted']]);
    expect(recorded.at(-1)).toBe('left');
    expect(recorded).not.toContain('end');
    expect(outcome.next.join()).toContain(`when ${b} can be reached again, run the command again`);
  });
});
