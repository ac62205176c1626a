import { expect, it } from 'vitest';
import { configurationLines } from '../../src/cli/configuration-lines.js';

it('shows each value in the form of the file, with its origin behind it', () => {
  const file = { kind: 'file', file: 'app1.cnf', line: 3 } as const;
  const lines = configurationLines([
    { block: 'manager', key: 'manager_workdir', value: '/var/lib/mha', origin: file },
    { block: 'server1', key: 'hostname', value: 'db1', origin: { ...file, line: 7 } },
    { block: 'server1', key: 'port', value: '3306', origin: { kind: 'default' } },
    { block: 'server1', key: 'node_label', value: undefined, origin: { kind: 'default' } },
  ]);
  expect(lines.join('\n')).toBe(`\
# the cluster as a whole
[server default]
manager_workdir = /var/lib/mha  # app1.cnf:3

[server1]
hostname = db1  # app1.cnf:7
port = 3306     # default
# node_label: not set`);
});

it('says of what controls nothing here that it is not needed', () => {
  const origin = { kind: 'file', file: 'app1.cnf', line: 3 } as const;
  const lines = configurationLines([
    { block: 'server1', key: 'handle_raw_binlog', value: '0', origin },
    { block: 'server1', key: 'client_bindir', value: undefined, origin: { kind: 'default' } },
  ]);
  expect(lines.slice(1)).toEqual([
    'handle_raw_binlog = 0  # app1.cnf:3; accepted and not needed',
    '# client_bindir: not set; accepted and not needed',
  ]);
});
