import { describe, expect, it } from 'vitest';
import { describeOrigin } from '../../src/config/effective.js';
import { keyNames } from '../../src/config/keys.js';
import { load } from './support.js';

describe('what counts in the end', () => {
  const text = '[server default]\npassword=canary\nport=4000\n[server1]\nhostname=a\nport=4001\nssh_host=a-admin\n';

  it('has every key once for a server, and the rest for the manager', async () => {
    const { origins } = await load(text);
    const server = origins.filter((value) => value.block === 'server1').map((value) => value.key);
    const manager = origins.filter((value) => value.block === 'manager').map((value) => value.key);
    expect([...server, ...manager].sort()).toEqual([...keyNames].sort());
    expect(manager).toContain('manager_workdir');
  });

  it('tells where each value came from', async () => {
    const { origins, settings } = await load(text);
    const seen = (key: string) => {
      const value = origins.find((item) => item.block !== 'manager' && item.key === key);
      return value && [value.value, describeOrigin(value.origin)];
    };
    expect(seen('port')).toEqual(['4001', `${settings.confFile}:6`]);
    expect(seen('password')).toEqual(['********', `${settings.confFile}:2`]);
    expect(seen('ping_interval')).toEqual(['3', 'default']);
    expect(seen('ip')).toEqual(['10.0.0.1', 'from hostname']);
    expect(seen('ssh_ip')).toEqual(['10.9.0.1', 'from ssh_host']);
    expect(seen('node_label')).toEqual([undefined, 'default']);
  });
});
