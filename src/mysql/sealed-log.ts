import { isOn, type Variables } from './variables.js';

/**
 * Which option keeps everybody but the server from reading the files of its binary log; empty when none does. Encrypted by
 * MySQL 8.0.14 and later, by MariaDB 10.1 and later and by Percona Server 5.7; inside InnoDB by MariaDB 12.3 and later.
 */
export function sealedBy(variables: Variables): string {
  const encryption = ['binlog_encryption', 'encrypt_binlog'].find((name) => isOn(variables.get(name)));
  if (encryption !== undefined) return `${encryption}=ON`;
  const engine = variables.get('binlog_storage_engine') ?? '';
  return engine === '' ? '' : `binlog_storage_engine=${engine}`;
}
