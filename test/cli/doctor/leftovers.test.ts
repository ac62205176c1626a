import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { leftoversAt, lookCommand, readLeftovers } from '../../../src/cli/doctor/leftovers.js';
import type { Door } from '../../../src/ports/shell.js';
import { folder, put } from '../../config/support.js';

/** Runs it as a host's shell would, on files of the test. */
function look(root: string, searchPath: string): string {
  return execFileSync('/bin/sh', ['-c', lookCommand(root)], {
    encoding: 'utf8',
    env: { PATH: `${searchPath}:/usr/bin:/bin` },
  });
}

describe('what MHA has left on a host', () => {
  it('are its programs, and the tables of cron that purge; never what stands in them', async () => {
    const root = await folder();
    const table = await put(root, 'etc/cron.d/mha', '0 5 * * * root purge_relay_logs --password=canary\n');
    await put(root, 'etc/cron.d/off', '# 0 5 * * * root purge_relay_logs\n');
    const own = await put(root, 'var/spool/cron/crontabs/mysql', '1 1 * * * /usr/bin/purge_relay_logs\n');
    const program = await put(root, 'bin/save_binary_logs', '#!/bin/sh\n', 0o755);
    const output = look(root, `${root}/bin`);
    expect(output).not.toContain('canary');
    const found = readLeftovers('db1', output);
    expect(found.purgeTables.toSorted()).toEqual([table, own].toSorted());
    expect(found.nodePrograms).toContain(program);
    expect(found.why).toBeUndefined();
  });

  it('are none on a host that never had any', async () => {
    expect(readLeftovers('db1', look(await folder(), '/nonexistent')).purgeTables).toEqual([]);
  });

  it('are not known where the host does not answer', async () => {
    const door = { host: 'db1', run: () => Promise.reject(new Error('no answer')) } as unknown as Door;
    expect(await leftoversAt(door)).toMatchObject({ host: 'db1', why: 'no answer' });
  });
});
