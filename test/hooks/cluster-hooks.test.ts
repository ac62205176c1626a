import { describe, expect, it } from 'vitest';
import { clusterHooks } from '../../src/hooks/cluster-hooks.js';
import { orchestratorVariables } from '../../src/hooks/hook-limits.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

const hooks = {
  masterIpFailover: 'env && :',
  masterIpOnlineChange: 'env && :',
  shutdown: 'env && :',
  report: 'env && :',
};
const servers = ['a', 'b', 'c'].map((name) => serverSettings(name, { hooks }));
const { signal } = new AbortController();

/** The variables that a script saw. */
/** What the script saw of that beginning; the tests' own variables are none of the product's. */
function seen({ output }: { readonly output: string }, prefix: string): Readonly<Record<string, string>> {
  const lines = output.split('\n').filter((line) => line.startsWith(prefix) && !line.startsWith('MHA_TS_'));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

describe('the environment of the site’s scripts', () => {
  const calls = clusterHooks(clusterSettings(servers), () => undefined);

  it('names what orchestrator would name, as far as it is known', async () => {
    const failed = { ORC_FAILED_HOST: 'a', ORC_FAILED_PORT: '3306', ORC_FAILURE_CLUSTER_ALIAS: 'app1' };
    const dead = { ...failed, ORC_FAILURE_TYPE: 'DeadMaster', ORC_COMMAND: 'recover' };
    const stop = seen(await calls.ipStop({ source: id('a'), sshReachable: true }, signal), 'ORC_');
    expect(stop).toMatchObject(dead);
    expect(stop).not.toHaveProperty('ORC_SUCCESSOR_HOST');
    const start = await calls.ipStart({ source: id('a'), newSource: id('b'), sshReachable: true }, signal);
    expect(seen(start, 'ORC_')).toMatchObject({ ...dead, ORC_SUCCESSOR_HOST: 'b', ORC_SUCCESSOR_PORT: '3306' });
    const online = { command: 'stop', source: id('a'), newSource: id('b'), oldSourceStays: true } as const;
    const change = seen(await calls.onlineChange(online, signal), 'ORC_');
    expect(change).toMatchObject({ ...failed, ORC_COMMAND: 'graceful-master-takeover', ORC_SUCCESSOR_HOST: 'b' });
    expect(change).not.toHaveProperty('ORC_FAILURE_TYPE');
    const about = { source: id('a'), newSource: id('b'), replicas: [id('c')], subject: 's', body: 'b' };
    expect(seen(await calls.report(about, signal), 'ORC_')).toMatchObject({
      ...dead,
      ORC_REPLICA_HOSTS: 'c:3306',
      ORC_COUNT_REPLICAS: '1',
      ORC_IS_SUCCESSFUL: 'true',
    });
  });

  it('has passwords only where the site asks for them', async () => {
    const start = { source: id('a'), newSource: id('b'), sshReachable: true };
    expect(seen(await calls.ipStart(start, signal), 'MHA_')).toEqual({});
    const byEnvironment = clusterHooks(clusterSettings(servers, { hookSecrets: 'env' }), () => undefined);
    const online = { command: 'start', source: id('a'), newSource: id('b'), oldSourceStays: true } as const;
    expect(seen(await byEnvironment.onlineChange(online, signal), 'MHA_')).toEqual({
      MHA_ORIG_MASTER_PASSWORD: '********',
      MHA_NEW_MASTER_PASSWORD: '********',
    });
  });

  it('never holds a password of its own accord', () => {
    const [source, next] = servers;
    if (source === undefined) throw new Error('no server');
    const all = orchestratorVariables('app1', { source, ...(next === undefined ? {} : { next }), replicas: servers });
    expect(JSON.stringify(all)).not.toContain(source.account.password.reveal());
  });
});
