import { describe, expect, it, vi } from 'vitest';
import { mindBinlogServers } from '../../src/cli/binlog-servers.js';
import type { Parts } from '../../src/cli/parts.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

/** Binlog servers by name; those that fail cannot be logged in to. */
function parts(names: readonly string[], failing: readonly string[]): { parts: Parts; said: string[] } {
  const said: string[] = [];
  const settings = clusterSettings([serverSettings('a')], { binlogServers: names.map((name) => serverSettings(name)) });
  const bad = failing.map((name) => id(name));
  const shells = {
    door: (server: ReturnType<typeof id>) => ({
      open: () => (bad.includes(server) ? Promise.reject(new Error('no route')) : Promise.resolve()),
    }),
  };
  return { parts: { settings, shells, say: (text: string) => said.push(text) } as unknown as Parts, said };
}

describe('binlog servers before a failover', () => {
  it.each<[string, readonly string[], readonly string[], boolean, number]>([
    ['there are none', [], [], false, 0],
    ['all are there', ['x', 'y'], [], false, 0],
    ['one is there', ['x', 'y'], ['y'], false, 1],
    ['none is there, and that is to be ignored', ['x', 'y'], ['x', 'y'], true, 2],
  ])('do not hold it up when %s', async (_what, names, failing, ignore, warnings) => {
    const { parts: given, said } = parts(names, failing);
    await mindBinlogServers(given, ignore);
    await vi.waitFor(() => {
      expect(said).toHaveLength(warnings);
    });
  });

  it('do not hold it up while one that is not there is still tried', async () => {
    const { parts: given } = parts(['x', 'y'], []);
    const never = new Promise<never>(() => undefined);
    const open = (server: ReturnType<typeof id>): Promise<void> => (server === id('y') ? never : Promise.resolve());
    const shells = { door: (server: ReturnType<typeof id>) => ({ open: () => open(server) }) };
    await expect(mindBinlogServers({ ...given, shells } as unknown as Parts, false)).resolves.toBeUndefined();
  });

  it('stop it when none of them can be reached', async () => {
    const { parts: given } = parts(['x', 'y'], ['x', 'y']);
    await expect(mindBinlogServers(given, false)).rejects.toMatchObject({ code: 'BINLOG_SERVERS_UNREACHABLE' });
  });
});
