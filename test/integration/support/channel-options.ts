import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import { runCommand } from '../../../src/sandbox/command.js';
import type { FamilyName, ReplicationMode } from '../../../src/sandbox/family/family.js';
import { isRunning, readReplicaStatus } from '../../../src/sandbox/replica-status.js';
import { until } from '../../../src/sandbox/wait.js';

/** One certificate for all servers and replicas, with the authority that signed it. */
export interface Certificates {
  readonly folder: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export async function makeCertificates(names: readonly string[]): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'mha-ts-tls-'));
  const [ca, caKey, cert, key] = ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem'].map((name) => join(folder, name));
  if (ca === undefined || caKey === undefined || cert === undefined || key === undefined) throw new Error('bug');
  const request = join(folder, 'request.pem');
  const extensions = join(folder, 'extensions');
  await writeFile(extensions, `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\n`);
  const make = ['openssl', 'req', '-newkey', 'rsa:2048', '-nodes'];
  await runCommand([...make, '-x509', '-days', '2', '-subj', '/CN=authority', '-keyout', caKey, '-out', ca]);
  await runCommand([...make, '-subj', '/CN=server', '-keyout', key, '-out', request]);
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions];
  await runCommand(['openssl', 'x509', '-req', '-in', request, '-out', cert, ...signing]);
  return { folder, ca, cert, key };
}

export async function removeCertificates({ folder }: Certificates): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** What each family can be told of a channel, as far as one setting does not exclude another. `S_` is SOURCE_ or MASTER_. */
export function everyOption(family: FamilyName, mode: ReplicationMode, tls: Certificates): string {
  const ssl = `S_SSL=1, S_SSL_CA='${tls.ca}', S_SSL_CERT='${tls.cert}', S_SSL_KEY='${tls.key}', S_SSL_VERIFY_SERVER_CERT=1`;
  const gtid = mode === 'gtid';
  const common = 'S_CONNECT_RETRY=7, S_HEARTBEAT_PERIOD=3.5';
  switch (family) {
    case 'mariadb':
      return `${common}, ${ssl}, S_SSL_CIPHER='HIGH', IGNORE_SERVER_IDS=(77,78)${gtid ? ', IGNORE_DOMAIN_IDS=(88)' : ''}`;
    case 'mysql56':
      // Its TLS library is too old for certificates of today.
      return `${common}, S_RETRY_COUNT=33, IGNORE_SERVER_IDS=(77,78)`;
    case 'mysql97':
      return [
        common,
        ssl,
        "S_TLS_VERSION='TLSv1.2,TLSv1.3', S_TLS_CIPHERSUITES='TLS_AES_256_GCM_SHA384', S_SSL_CIPHER='HIGH'",
        "S_RETRY_COUNT=33, GET_SOURCE_PUBLIC_KEY=1, S_COMPRESSION_ALGORITHMS='zstd', S_ZSTD_COMPRESSION_LEVEL=7",
        "PRIVILEGE_CHECKS_USER='applier'@'%', REQUIRE_ROW_FORMAT=1, REQUIRE_TABLE_PRIMARY_KEY_CHECK=ON",
        gtid ? 'GTID_ONLY=1, SOURCE_CONNECTION_AUTO_FAILOVER=1' : 'IGNORE_SERVER_IDS=(77,78)',
      ].join(', ');
  }
}

/** Points the channel of a running replica at the same source by its name, with these options, and starts it again. */
export async function tell(cluster: Cluster, name: string, source: string, options: string): Promise<void> {
  const { server } = cluster.host(name);
  const { replica } = server.family.words;
  const isNew = replica === 'REPLICA';
  await server.sql(`STOP ${replica}`);
  const prefix = isNew ? 'SOURCE_' : 'MASTER_';
  const status = await readReplicaStatus(server);
  if (status === undefined) throw new Error(`${name} replicates nothing`);
  const [file = '', position = ''] = status.executed.split(':');
  const place = status.mode === 'gtid' ? '' : `, S_LOG_FILE='${file}', S_LOG_POS=${position}`;
  const change = `S_HOST='${source}'${place}, ${options}`.replaceAll(/(?<![A-Z_])S_/g, prefix);
  const verb = isNew ? 'CHANGE REPLICATION SOURCE TO' : 'CHANGE MASTER TO';
  await server.sql(`${verb} ${change}; START ${replica}`);
  await until(async () => isRunning(await readReplicaStatus(server)), {
    what: `see ${name} replicate with other options`,
    deadlineMs: 30_000,
    epitaph: () => server.errorTail(),
  });
}

/** Everything that a server shows of its channels and that does not change by itself. */
export type Shown = Readonly<Record<string, string | null>>;

const questions: Readonly<Record<FamilyName, readonly string[]>> = {
  mariadb: ['SHOW ALL SLAVES STATUS'],
  mysql56: ['SHOW SLAVE STATUS', "SHOW GLOBAL STATUS LIKE 'Slave_heartbeat_period'"],
  mysql97: [
    'SHOW REPLICA STATUS',
    'SELECT * FROM performance_schema.replication_connection_configuration',
    'SELECT * FROM performance_schema.replication_applier_configuration',
    'SELECT Channel_name, Source_connection_auto_failover, Gtid_only, User_name, User_password FROM mysql.slave_master_info',
  ],
};

/** Who the source is, how far it has come, and what it counts. */
const changing = [
  /^(Master|Source)_(Host|Port|Log_File|Server_Id|UUID)$|^(HOST|PORT)$/,
  /_Log_Pos$|Relay_Log_(File|Space)|Gtid_(IO|Slave)_Pos|_Gtid_Set$|_State$|^Seconds_Behind|^SQL_Remaining|^Last_/,
  /heartbeats$|_Groups$|^Retried_|^Executed_log_|_TIMESTAMP$|_Relay_Master_Log|^Relay_(Master|Source)_Log_File$/,
];

export async function whatItShows(cluster: Cluster, name: string): Promise<Shown> {
  const { server } = cluster.host(name);
  const answers = [...questions[server.family.name], 'SELECT @@relay_log_purge AS relay_log_purge'];
  const shown: Record<string, string | null> = {};
  for (const [number, question] of answers.entries()) {
    for (const row of await server.sql(question)) {
      const channel = row['Channel_Name'] ?? row['CHANNEL_NAME'] ?? row['Channel_name'] ?? row['Connection_name'] ?? '';
      for (const [column, value] of Object.entries(row))
        if (!changing.some((pattern) => pattern.test(column))) shown[`${String(number)}/${channel}/${column}`] = value;
    }
  }
  return shown;
}
