import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.js';
import { confFileText } from '../../src/sandbox/conf-file.js';

const account = (user: string): { user: string; password: Secret } => ({ user, password: new Secret(`${user}-word`) });

describe('confFileText', () => {
  it("writes MHA's format: defaults, then one block for each server, own keys last", () => {
    const text = confFileText({
      accounts: { admin: account('mha'), replication: account('repl'), app: account('app') },
      workdir: '/w',
      sshUser: 'root',
      sshOptions: '-i /k',
      servers: [{ name: 'db1', hostname: 'db1', address: '10.0.0.1', port: 3306, sshPort: 22, dataFolder: '/d' }],
      defaults: { ping_interval: 3 },
      perServer: { db1: { candidate_master: 1 } },
    });
    expect(text.split('\n')).toEqual([
      '[server default]',
      'user=mha',
      'password=mha-word',
      'repl_user=repl',
      'repl_password=repl-word',
      'ssh_user=root',
      'ssh_options=-i /k',
      'manager_workdir=/w',
      'ping_interval=3',
      '',
      '[server1]',
      'hostname=db1',
      'ip=10.0.0.1',
      'port=3306',
      'ssh_port=22',
      'master_binlog_dir=/d',
      'candidate_master=1',
      '',
    ]);
  });
});
