import type * as os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { faultOf, load } from './support.js';

// A container's user id that has no entry in passwd.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof os>()),
  userInfo: () => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' });
  },
}));

describe('a user that the system has no name for', () => {
  it('is nothing to complain of where every server has its ssh_user', async () => {
    const { settings } = await load('[server default]\nssh_user=mha\n[server1]\nhostname=a\n');
    expect(settings.servers[0]?.ssh.user).toBe('mha');
  });

  it('is told, with what to write, where one has none', async () => {
    const fault = await faultOf(load('[server1]\nhostname=a\nssh_user=x\n[server2]\nhostname=b\n'));
    expect(fault.message).toContain('app.cnf:4: [server2] has no ssh_user');
    expect(fault.next).toContain('ssh_user = NAME');
  });
});
