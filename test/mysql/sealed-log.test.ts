import { expect, it } from 'vitest';
import { sealedBy } from '../../src/mysql/sealed-log.js';

it.each([
  ['MySQL 8.0', { binlog_encryption: 'OFF' }, ''],
  ['MySQL 8.0, encrypted', { binlog_encryption: 'ON' }, 'binlog_encryption=ON'],
  ['MariaDB 10.11', { encrypt_binlog: 'OFF' }, ''],
  ['MariaDB 10.11, encrypted', { encrypt_binlog: 'ON' }, 'encrypt_binlog=ON'],
  ['MariaDB 12.3, in files', { encrypt_binlog: 'OFF', binlog_storage_engine: '' }, ''],
  [
    'MariaDB 12.3, in InnoDB',
    { encrypt_binlog: 'OFF', binlog_storage_engine: 'innodb' },
    'binlog_storage_engine=innodb',
  ],
  ['MySQL 5.6', {}, ''],
])('%s: whether others than the server can read its binary log', (_, variables, option) => {
  expect(sealedBy(new Map(Object.entries(variables)))).toBe(option);
});
