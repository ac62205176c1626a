import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logName, lookForCopies } from '../../src/failover/copies.js';
import type { Former, SourceInQuestion } from '../../src/failover/hand.js';
import { serverId } from '../../src/model/settings.js';
import type { CopyRequest, FoundCopy } from '../../src/ports/recovery.js';
import { channelFrom, serverSettings, serverState } from '../support/picture.js';
import { at } from './build.js';

const source: SourceInQuestion = {
  id: serverId('a', 3306),
  serverId: 7,
  gtidMode: '',
  domainId: 0,
  binlogBase: '/var/lib/mysql/bin',
};
const never = new AbortController().signal;

function host(name: string, block: string) {
  return serverSettings(name, { block, binlogDirs: ['/copies/a', '/copies'] });
}

function former(received?: string): Former {
  const channel = { ...channelFrom('a') };
  for (const place of ['received', 'executed'] as const) Reflect.deleteProperty(channel, place);
  const place = received === undefined ? {} : { received: at(received) };
  return { server: serverId('b', 3306), state: serverState('b'), channel: { ...channel, ...place } };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('looking for copies of a dead source', () => {
  it('asks all hosts at once and takes what answers in time', async () => {
    const asked: CopyRequest[] = [];
    const answers: Record<string, () => Promise<FoundCopy>> = {
      has: () =>
        Promise.resolve({ found: true, log: { host: serverId('has', 3306), binlogBase: '/c/bin', end: at('3:9') } }),
      lacks: () => Promise.resolve({ found: false, why: '/copies holds no file of the name bin.NUMBER' }),
      fails: () => Promise.reject(new Error('no route to host')),
      hangs: () => new Promise(() => undefined),
    };
    const recovery = {
      findCopy: (request: CopyRequest, signal: AbortSignal) => {
        asked.push(request);
        const aborted = new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
        return Promise.race([aborted, answers[request.host.split(':')[0] ?? '']?.() ?? aborted]);
      },
    };
    const hosts = Object.keys(answers).map((name, index) => host(name, `binlog${String(index + 1)}`));
    const looking = lookForCopies(source, [], hosts, recovery, never);
    expect(asked).toHaveLength(4);
    expect(asked[0]).toMatchObject({ name: 'bin', serverId: 7, directories: ['/copies/a', '/copies'] });
    await vi.advanceTimersByTimeAsync(100);
    expect(looking.soFar().found).toHaveLength(1);
    expect(looking.soFar().missing).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(10_000);
    const { found, missing } = await looking.all;
    expect(found).toEqual([{ host: serverId('has', 3306), binlogBase: '/c/bin', end: at('3:9'), copy: 'binlog1 has' }]);
    expect(missing).toEqual([
      'binlog2 lacks: /copies holds no file of the name bin.NUMBER',
      'binlog3 fails: no route to host',
      'binlog4 hangs: the look at its copy did not end within 3 s',
    ]);
  });

  it.each([
    ['as the source said itself', { ...source, binlogBase: '/var/lib/mysql/db1-bin' }, [former('3:9')], 'db1-bin'],
    ['as its replicas read them', { ...source, binlogBase: undefined }, [former(), former('3:9')], 'bin'],
    ['or they are not known', { ...source, binlogBase: undefined }, [former()], undefined],
  ])('knows what its files are called: %s', (_, { binlogBase, ...rest }, formers, name) => {
    expect(logName({ ...rest, ...(binlogBase === undefined ? {} : { binlogBase }) }, formers)).toBe(name);
  });
});
