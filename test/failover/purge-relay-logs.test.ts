import { describe, expect, it } from 'vitest';
import { purgeRelayLogs } from '../../src/failover/purge-relay-logs.js';
import type { Channel } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { type Statement, statement } from '../../src/model/statement.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Servers } from '../../src/ports/servers.js';
import { channelFrom, serverState } from '../support/picture.js';

const b = serverId('b', 3306);

interface Script {
  readonly purges?: boolean;
  readonly channel?: Partial<Channel>;
  /** Looks until the applier is in the next file; left out: it never comes there. */
  readonly movesAfter?: number;
  readonly lock?: number;
  readonly fails?: string;
}

function scripted({ purges = false, channel = {}, movesAfter, lock = 1, fails }: Script) {
  let [time, looks] = [0, 0];
  const said: string[] = [];
  const servers = {
    reach: () => Promise.resolve({ kind: 'answered', state: serverState('b', { relayLogPurge: purges }) }),
    dialect: () => ({
      relayLogPurge: (on: boolean) => [statement(`purge ${on ? 'on' : 'off'}`)],
      flushRelayLogs: () => [statement('flush')],
      takeLock: () => statement('lock'),
    }),
    channels: () => {
      const moved = movesAfter !== undefined && looks++ >= movesAfter;
      return Promise.resolve([
        channelFrom('a', {
          applierState: 'Waiting for table metadata lock',
          relayLogFile: moved ? 'relay.000009' : 'relay.000004',
          ...channel,
        }),
      ]);
    },
    run: (_: unknown, statements: readonly Statement[]) => {
      for (const { text } of statements) {
        said.push(text);
        if (text === fails) return Promise.reject(new Error(`${text} failed`));
      }
      return Promise.resolve();
    },
    hold: () => Promise.resolve({ ask: () => Promise.resolve([{ answer: lock }]), close: () => said.push('unlock') }),
  } as unknown as Servers;
  const clock = {
    now: () => time,
    sleep: () => {
      time += 1_000;
      return Promise.resolve();
    },
  } as unknown as Clock;
  const purge = (turnOff = false) =>
    purgeRelayLogs({ server: b, channel: '', turnOff }, { servers, clock }, new AbortController().signal);
  return { purge, said };
}

describe('purging relay logs', () => {
  it('is on for a moment, under the lock that keeps failovers away', async () => {
    const { purge, said } = scripted({ movesAfter: 2 });
    expect(await purge()).toMatchObject({ server: b, state: 'purged' });
    expect(said).toEqual(['purge on', 'flush', 'purge off', 'unlock']);
  });

  it('is done as well when the applier has long had nothing left to read', async () => {
    const { purge, said } = scripted({ channel: { applierState: 'Replica has read all relay log; waiting for more' } });
    expect(await purge()).toMatchObject({ state: 'purged' });
    expect(said).toEqual(['purge on', 'flush', 'purge off', 'unlock']);
  });

  it('leaves a server alone that purges itself, unless that is to be turned off', async () => {
    const alone = scripted({ purges: true });
    expect(await alone.purge()).toEqual({ server: b, state: 'purges-itself' });
    expect(alone.said).toEqual([]);
    const turned = scripted({ purges: true, movesAfter: 1 });
    expect(await turned.purge(true)).toMatchObject({ state: 'purged' });
    expect(turned.said.slice(-2)).toEqual(['purge off', 'unlock']);
  });

  it.each<[string, Script, object, readonly string[]]>([
    [
      'the applier never comes to the next file',
      {},
      { code: 'APPLIER_STALLED' },
      ['purge on', 'flush', 'purge off', 'unlock'],
    ],
    ['the flush fails', { fails: 'flush' }, { message: 'flush failed' }, ['purge on', 'flush', 'purge off', 'unlock']],
    ['the applier is stopped', { channel: { applier: 'stopped' } }, { code: 'REPLICA_STANDS_STILL' }, ['unlock']],
    ['the receiver is stopped', { channel: { receiver: 'stopped' } }, { code: 'REPLICA_STANDS_STILL' }, ['unlock']],
    ['a failover holds the lock', { lock: 0 }, { code: 'LOCK_HELD' }, ['unlock']],
  ])('leaves relay_log_purge off when %s', async (_what, script, failure, said) => {
    const run = scripted(script);
    await expect(run.purge()).rejects.toMatchObject(failure);
    expect(run.said).toEqual(said);
  });
});
