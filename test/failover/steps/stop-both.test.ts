import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/failover/hand.js';
import { stopBoth } from '../../../src/failover/steps/stop-both.js';
import { Fault } from '../../../src/model/fault.js';
import { formatStatement, type Statement } from '../../../src/model/statement.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { parseVersion } from '../../../src/mysql/version.js';
import type { Row } from '../../../src/ports/servers.js';
import { contender } from '../build.js';

const { server, channel } = contender('r');
const waits = (...ids: readonly number[]): readonly Row[] => ids.map((id) => ({ id, waits: 1 }));

interface Script {
  readonly version?: string;
  /** What each look at the appliers gives; the last one for ever. */
  readonly looks: readonly (readonly Row[])[];
  /** The stop ends after so many looks by itself; otherwise when the appliers were ended. */
  readonly stopsAfter?: number;
  readonly refusesKill?: boolean;
}

/** Everything that is sent, in order; time passes only in sleeps. */
async function sent({ version = '9.7.4', looks, stopsAfter, refusesKill = false }: Script): Promise<readonly string[]> {
  const parsed = parseVersion(version);
  if (parsed === undefined) throw new Error(version);
  const statements: string[] = [];
  let looked = 0;
  let stopped = (): void => undefined;
  const servers = {
    dialect: () => chooseDialect(parsed),
    channels: () => Promise.resolve([{ ...channel, applier: 'stopped', receiver: 'stopped' }]),
    ask: () => {
      const rows = looks[Math.min(looked, looks.length - 1)] ?? [];
      looked += 1;
      if (looked === stopsAfter) stopped();
      return Promise.resolve(rows);
    },
    run: (_: unknown, items: readonly Statement[]) => {
      const texts = items.map(formatStatement);
      statements.push(...texts);
      if (texts[0]?.startsWith('STOP')) {
        if (stopsAfter === 0) return Promise.resolve();
        return new Promise<void>((resolve) => (stopped = resolve));
      }
      if (!texts[0]?.startsWith('KILL')) return Promise.resolve();
      if (refusesKill) {
        setImmediate(stopped); // the server's own minute
        return Promise.reject(new Fault('SQL_FAILED', { server, errno: 1095, statement: '', message: 'not owner' }));
      }
      stopped();
      return Promise.resolve();
    },
  };
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  await stopBoth(server, '', { servers, clock, signal: new AbortController().signal } as unknown as World);
  return statements;
}

const stop = "STOP REPLICA FOR CHANNEL ''";

describe('stopping both threads', () => {
  it('is one statement where nothing keeps it', async () => {
    expect(await sent({ looks: [[]], stopsAfter: 0 })).toEqual([stop]);
  });

  it('ends parallel appliers that all wait for the rest of a transaction, and puts the position right', async () => {
    expect(await sent({ looks: [waits(12, 13)] })).toEqual([
      stop,
      'KILL CONNECTION 12',
      'KILL CONNECTION 13',
      "START REPLICA SQL_THREAD UNTIL SQL_AFTER_MTS_GAPS FOR CHANNEL ''",
    ]);
  });

  it('leaves them alone while one is at work', async () => {
    const atWork = [{ id: 12, waits: 0 }, ...waits(13)];
    expect(await sent({ looks: [atWork], stopsAfter: 4 })).toEqual([stop]);
  });

  it('believes that they wait when it was seen twice', async () => {
    const atWork = [{ id: 12, waits: 0 }, ...waits(13)];
    expect(await sent({ looks: [waits(12, 13), atWork, waits(12, 13), atWork], stopsAfter: 5 })).toEqual([stop]);
  });

  it('takes as long as the server wants where they may not be ended', async () => {
    expect(await sent({ looks: [waits(12)], refusesKill: true })).toEqual([stop, 'KILL CONNECTION 12']);
  });

  it.each(['5.6.24', '10.11.19-MariaDB'])('looks at nobody where that is no help (%s)', async (version) => {
    expect(await sent({ version, looks: [waits(12)], stopsAfter: 0 })).toEqual(['STOP SLAVE']);
  });
});
