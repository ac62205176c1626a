import { userInfo } from 'node:os';
import { runCommand } from '../command.js';
import type { DataOrder, Family } from './family.js';
import { olderWords, quoted } from './words.js';

const fileShape = ['innodb_log_file_size=48M', 'innodb_undo_tablespaces=0'];

/** Debian's own package. */
export const mariadb: Family = {
  name: 'mariadb',
  title: 'MariaDB',
  processName: 'mariadbd',
  programs: () => ({ server: ['mariadbd'], binlogReader: ['mariadb-binlog'], client: ['mariadb'], ownFiles: [] }),
  fileShape,
  makeData,
  // In bootstrap mode, which loads the grant tables only when it is told to.
  accountStatements: ({ admin, replication, app }, owner) => [
    'FLUSH PRIVILEGES',
    "DELETE FROM mysql.global_priv WHERE User=''",
    'FLUSH PRIVILEGES',
    `CREATE OR REPLACE USER '${owner}'@'localhost' IDENTIFIED VIA unix_socket`,
    `GRANT ALL PRIVILEGES ON *.* TO '${owner}'@'localhost' WITH GRANT OPTION`,
    ...[admin, replication, app].map(
      ({ user, password }) => `CREATE USER '${user}'@'%' IDENTIFIED BY ${quoted(password.reveal())}`,
    ),
    `GRANT ALL PRIVILEGES ON *.* TO '${admin.user}'@'%' WITH GRANT OPTION`,
    `GRANT REPLICATION SLAVE ON *.* TO '${replication.user}'@'%'`,
    `GRANT BINLOG ADMIN ON *.* TO '${app.user}'@'%'`,
    `GRANT ALL PRIVILEGES ON app.* TO '${app.user}'@'%'`,
  ],
  logsReplicaUpdates: false,
  gtidNeedsReplicaUpdates: false,
  optionLines: (_mode, logReplicaUpdates) => [
    'slave_net_timeout=10',
    ...(logReplicaUpdates ? ['log_slave_updates'] : []),
  ],
  largestValue: 32,
  words: olderWords,
  attach: (source, account, mode) => {
    const position =
      mode === 'gtid'
        ? 'MASTER_USE_GTID=slave_pos'
        : "MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=4, MASTER_USE_GTID=no";
    return `CHANGE MASTER TO MASTER_HOST='${source.address}', MASTER_PORT=${String(source.port)},
      MASTER_USER='${account.user}', MASTER_PASSWORD=${quoted(account.password.reveal())}, MASTER_CONNECT_RETRY=1,
      MASTER_HEARTBEAT_PERIOD=1, ${position}`;
  },
  logByStatement: "SET SESSION binlog_format='STATEMENT'",
  logRowsAlone: 'SET GLOBAL binlog_annotate_row_events=0',
  raisedAppliers: {
    begin: "SET GLOBAL slave_parallel_mode='conservative'; SET GLOBAL slave_parallel_threads=8",
    end: "SET GLOBAL slave_parallel_mode='optimistic'; SET GLOBAL slave_parallel_threads=0",
  },
};

async function makeData({ folder, statements, programs }: DataOrder): Promise<void> {
  const user = userInfo().username;
  const shape = fileShape.map((option) => `--${option}`);
  const install = ['--skip-test-db', '--skip-name-resolve', `--user=${user}`, `--datadir=${folder}`];
  await runCommand(['mariadb-install-db', '--no-defaults', ...install, ...shape], { deadlineMs: 120_000 });
  const server = [...programs.server, '--no-defaults', '--bootstrap', `--user=${user}`, `--datadir=${folder}`];
  const input = statements.map((text) => `${text};\n`).join('');
  await runCommand([...server, '--silent-startup', ...shape], { input, deadlineMs: 60_000 });
}
