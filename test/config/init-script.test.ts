import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInitScript } from '../../src/config/init-script.js';
import { stampOf } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { containing, faultOf, load, objectWith } from './support.js';

const origin = { file: 'app.cnf', line: 2 };
const run = (command: string, deadlineMs?: number) =>
  runInitScript({ command, origin, cwd: '/', ...(deadlineMs === undefined ? {} : { deadlineMs }) });

describe('init_conf_load_script', () => {
  it("replaces the application's defaults, and a server's own value stays", async () => {
    const { settings, origins, warnings } = await load(
      `[server default]\nuser=old\nport=1\ninit_conf_load_script=printf 'user=new\\npassword=canary=x\\nport=2\\n' | cat\n` +
        '[server1]\nhostname=a\n[server2]\nhostname=b\nport=3\n',
    );
    expect(settings.servers.map((server) => [server.account.user, server.port])).toEqual([
      ['new', 2],
      ['new', 3],
    ]);
    expect(settings.servers[0]?.account.password.reveal()).toBe('canary=x');
    expect(origins).toContainEqual({
      block: 'server1',
      key: 'user',
      value: 'new',
      origin: { kind: 'script', line: 1 },
    });
    expect(
      JSON.stringify({ settings, warnings, values: origins.filter(({ key }) => key === 'password') }),
    ).not.toContain('canary');
  });

  it('is switched off by an empty value', async () => {
    const { settings } = await load('[server default]\ninit_conf_load_script=""\n[server1]\nhostname=a\n');
    expect(settings.servers[0]?.account.user).toBe('root');
  });

  it('is ended, with what it started, at its deadline', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'init-script-'));
    const fault = await faultOf(run(`sleep 30 & echo $! >${folder}/pid; sleep 30`, 500));
    expect(fault.code).toBe('CONF_SCRIPT_FAILED');
    expect(fault.message).toContain('500 ms');
    const child = Number(await readFile(join(folder, 'pid'), 'utf8'));
    await until(() => stampOf(child) === undefined, { what: 'see the end of what it started', deadlineMs: 10_000 });
    await rm(folder, { recursive: true });
  });

  it('may not print without end', async () => {
    expect((await faultOf(run('yes user=x'))).message).toContain('more than 65536 bytes');
  });

  it('takes what a failing script printed, and says that it failed', async () => {
    const { layer, warnings } = await run('echo user=x; exit 3');
    expect(layer.get('user')?.text).toBe('x');
    expect(warnings).toEqual([objectWith({ id: 'config-script-status', seen: containing('ended with 3') })]);
  });

  it('refuses an unknown key and a line that is no pair, without showing the line', async () => {
    const unknown = await faultOf(run('echo pasword=canary'));
    expect(unknown.next).toContain('"password"');
    expect(JSON.stringify(unknown)).not.toContain('canary');
    const stray = await faultOf(run('echo; echo canary'));
    expect(stray.message).toContain('line 2');
    expect(JSON.stringify(stray)).not.toContain('canary');
  });

  it('does not show a bad value of a secret, and names the script for other ones', async () => {
    const fault = await faultOf(load(`[server default]\ninit_conf_load_script=echo port=x\n[server1]\nhostname=a\n`));
    expect(fault.message).toContain('port = "x" (printed by init_conf_load_script)');
  });
});
