import { existsSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../command.js';
import { mysqlSuite } from '../places.js';
import { cannotBeHad } from './cannot-be-had.js';
import type { DataOrder, Family, Programs } from './family.js';
import { newerWords, quoted } from './words.js';

const fileShape = ['innodb_redo_log_capacity=64M'];

/** The server of Debian's unstable suite, run where it is by the dynamic loader that belongs to it. */
export const mysql97: Family = {
  name: 'mysql97',
  title: 'MySQL',
  processName: 'mysqld',
  programs,
  fileShape,
  makeData,
  accountStatements: ({ admin, replication, app }, owner) => [
    `CREATE USER IF NOT EXISTS '${owner}'@'localhost'`,
    `GRANT ALL PRIVILEGES ON *.* TO '${owner}'@'localhost' WITH GRANT OPTION`,
    ...[admin, replication, app].map(
      ({ user, password }) => `CREATE USER '${user}'@'%' IDENTIFIED BY ${quoted(password.reveal())}`,
    ),
    `GRANT ALL PRIVILEGES ON *.* TO '${admin.user}'@'%' WITH GRANT OPTION`,
    `GRANT REPLICATION SLAVE ON *.* TO '${replication.user}'@'%'`,
    `GRANT SESSION_VARIABLES_ADMIN ON *.* TO '${app.user}'@'%'`,
    `GRANT ALL PRIVILEGES ON app.* TO '${app.user}'@'%'`,
  ],
  logsReplicaUpdates: true,
  gtidNeedsReplicaUpdates: false,
  optionLines: (mode, logReplicaUpdates) => [
    'replica_net_timeout=10',
    `log_replica_updates=${logReplicaUpdates ? 'ON' : 'OFF'}`,
    `gtid_mode=${mode === 'gtid' ? 'ON' : 'OFF'}`,
    `enforce_gtid_consistency=${mode === 'gtid' ? 'ON' : 'OFF'}`,
    'mysqlx=OFF',
    // The general log shows statements as they were sent.
    'log_raw=ON',
    'secure_file_priv=NULL',
    // Four servers with the defaults hold 2 GB of memory between them.
    'max_connections=150',
    'table_open_cache=400',
    'table_definition_cache=400',
    'innodb_log_buffer_size=8M',
  ],
  largestValue: 32,
  words: newerWords,
  // TLS is on unless it is switched off; the key is for a source that has none.
  attach: (source, account, mode) => {
    const position =
      mode === 'gtid' ? 'SOURCE_AUTO_POSITION=1' : "SOURCE_LOG_FILE='mysql-bin.000001', SOURCE_LOG_POS=4";
    return `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${source.address}', SOURCE_PORT=${String(source.port)},
      SOURCE_USER='${account.user}', SOURCE_PASSWORD=${quoted(account.password.reveal())}, SOURCE_CONNECT_RETRY=1,
      SOURCE_HEARTBEAT_PERIOD=1, GET_SOURCE_PUBLIC_KEY=1, ${position}`;
  },
  logByStatement: "SET SESSION binlog_format='STATEMENT'",
};

function programs(): Programs {
  const suite = mysqlSuite();
  // A link to the loader, so that the process list shows the server's name as it does anywhere else.
  const loader = join(suite, 'start', 'mysqld');
  const reason =
    process.env['MHA_TS_NO_MYSQL97'] ?? `it is not set up; as root: node scripts/setup.mjs --family mysql97`;
  if (!existsSync(loader)) throw cannotBeHad(mysql97, reason);
  const through = [loader, '--library-path', dirname(realpathSync(loader))];
  const files = join(suite, 'usr');
  return {
    server: [...through, join(files, 'sbin', 'mysqld')],
    binlogReader: [...through, join(files, 'bin', 'mysqlbinlog')],
    client: [...through, join(files, 'bin', 'mysql')],
    ownFiles: [
      `basedir=${files}`,
      `lc_messages_dir=${join(files, 'share', 'mysql')}`,
      `plugin_dir=${join(files, 'lib', 'mysql', 'plugin')}`,
    ],
  };
}

async function makeData({ folder, statements, programs: { server, ownFiles } }: DataOrder): Promise<void> {
  const file = `${folder}.sql`;
  await writeFile(file, statements.map((text) => `${text};\n`).join(''), { mode: 0o600 });
  const options = [`user=${userInfo().username}`, `datadir=${folder}`, `init_file=${file}`, 'secure_file_priv=NULL'];
  const all = [...options, ...ownFiles, ...fileShape].map((option) => `--${option}`);
  try {
    await runCommand([...server, '--no-defaults', '--initialize-insecure', ...all], { deadlineMs: 120_000 });
  } finally {
    await rm(file, { force: true });
  }
  // Servers with the same identity do not replicate from each other; each makes one of its own.
  await rm(join(folder, 'auto.cnf'), { force: true });
}
