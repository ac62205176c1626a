import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callOldName, confText, place } from '../support/program.js';

const dead = 'masterha_master_switch --master_state=dead --conf=app1.cnf --interactive=0 --dead_master_host=127.0.0.1';

describe('options of MHA at work', () => {
  it.each([
    'masterha_manager --conf=app1.cnf --skip_ssh_check',
    'masterha_master_monitor --conf=app1.cnf --skip_ssh_check',
    'masterha_master_switch --master_state=alive --conf=app1.cnf --interactive=0',
    `${dead} --dead_master_port=1`,
  ])('--workdir of %s replaces manager_workdir', (line) => {
    const { folder, put } = place();
    put('app1.cnf', confText());
    callOldName(folder, `${line} --workdir=elsewhere`);
    expect([existsSync(join(folder, 'elsewhere')), existsSync(join(folder, 'work'))]).toEqual([true, false]);
  });

  it.each([
    ['--dead_master_port says which server of a host is dead', `${dead} --dead_master_port=2`, /PREFLIGHT_REFUSED/],
    ['--dead_master_port is 3306 where nothing is said', dead, /SERVER_UNKNOWN.*127\.0\.0\.1:3306/],
    [
      '--dead_master_ip is compared with the configuration',
      `${dead} --dead_master_port=2 --dead_master_ip=10.9.9.9`,
      /SERVER_UNKNOWN.*10\.9\.9\.9/,
    ],
    [
      '--dead_master_ip and --ssh_reachable keep nobody from going on when they are right',
      `${dead} --dead_master_port=2 --dead_master_ip=127.0.0.1 --ssh_reachable=0`,
      /PREFLIGHT_REFUSED/,
    ],
    [
      '--new_master_port says which server of a host is to lead',
      `${dead} --dead_master_port=2 --new_master_host=127.0.0.1 --new_master_port=1`,
      /PREFLIGHT_REFUSED/,
    ],
    [
      '--new_master_host that means several is told before anything is done',
      `${dead} --dead_master_port=2 --new_master_host=127.0.0.1`,
      /SERVER_AMBIGUOUS/,
    ],
  ])('%s', (_what, line, telling) => {
    const { folder, put } = place();
    put('app1.cnf', confText());
    const { status, stderr } = callOldName(folder, line);
    expect(stderr).toMatch(telling);
    expect(status).toBe(1);
  });

  it('--skip_ssh_check and skip_init_ssh_check ask no host over SSH', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { folder, put } = place();
    const { port } = server.address() as AddressInfo;
    const defaults = `ssh_port=${String(port)}\nssh_connection_timeout=1\n`;
    const left = 'skip_init_ssh_check=1\n';
    put('app1.cnf', confText({ defaults }));
    put('left.cnf', confText({ defaults, first: left, second: left }));
    callOldName(folder, 'masterha_check_repl --conf=app1.cnf --skip_ssh_check');
    callOldName(folder, 'masterha_check_repl --conf=left.cnf');
    // The program ran in the meantime of this process: what came is only read now.
    await new Promise((resolve) => setImmediate(resolve));
    expect(connections).toBe(0);
    callOldName(folder, 'masterha_check_repl --conf=app1.cnf');
    await expect.poll(() => connections).toBeGreaterThan(0);
  });
});
