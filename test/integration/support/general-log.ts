import type { Cluster } from '../../../src/sandbox/cluster.js';

/** Makes every server write down each statement that it receives. */
export async function recordStatements(cluster: Cluster): Promise<void> {
  for (const { name } of cluster.hosts) {
    const logged = await cluster.sql(name, "SET GLOBAL log_output='TABLE'; SELECT 1 FROM mysql.general_log LIMIT 1");
    // A closed server does not let even this table be emptied; a new one has an empty one.
    if (logged.length > 0) await cluster.sql(name, 'SET GLOBAL general_log=0; TRUNCATE mysql.general_log');
    await cluster.sql(name, 'SET GLOBAL general_log=1');
  }
}

/**
 * What the product's account sent to a server, without what only asks or concerns its own session. In the order of the log
 * itself: MySQL 5.6 writes down whole seconds.
 */
export async function changesSent(cluster: Cluster, name: string): Promise<readonly string[]> {
  const rows = await cluster.sql(
    name,
    `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log
     WHERE command_type = 'Query' AND user_host LIKE '%${cluster.accounts.admin.user}[%'`,
  );
  return rows
    .map((row) => row['text'] ?? '')
    .filter((text) => !/^(SELECT|SHOW|XA RECOVER|SET SESSION sql_mode)/.test(text));
}

/** The same text for what is known only when it happens (positions) and for what is never shown (passwords). */
export function settled(text: string): string {
  return text
    .replace(/(MASTER|SOURCE)_LOG_FILE='[^']*'/, '$1_LOG_FILE=(file)')
    .replace(/(MASTER|SOURCE)_LOG_POS=\d+/, '$1_LOG_POS=(position)')
    .replace(/gtid_slave_pos='[^']*'/, 'gtid_slave_pos=(position)')
    .replace(/(MASTER|SOURCE)_PASSWORD='(?:[^'\\]|\\.|'')*'/, '$1_PASSWORD=(secret)');
}
