import { describe, expect, it } from 'vitest';
import { answerQuery, type QueryContext, type SessionVariables } from '../../../src/binlog/source/queries.js';
import { connectState, heartbeatPeriodMs, replicaUuid } from '../../../src/binlog/source/replica-session.js';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const mysql: QueryContext = {
  identity: { serverId: 11, serverUuid: uuid, gtidMode: 'ON', domainId: 0 },
  checksum: 'crc32',
  unixTime: 1_700_000_000,
};
const mariadb: QueryContext = {
  identity: { serverId: 11, gtidMode: '', domainId: 5 },
  checksum: 'none',
  unixTime: 1_700_000_000,
};

function rowsOf(sql: string, context: QueryContext): unknown {
  const answer = answerQuery(sql, context, new Map());
  return answer.kind === 'rows' ? answer.rows : answer;
}

describe('what replicas ask', () => {
  it.each([
    ['SELECT UNIX_TIMESTAMP()', mysql, [['1700000000']]],
    ["SHOW VARIABLES LIKE 'SERVER_ID'", mysql, [['server_id', '11']]],
    ['SELECT @@GLOBAL.SERVER_ID', mysql, [['11']]],
    ['SELECT @master_binlog_checksum', mysql, [['CRC32']]],
    ['SELECT @source_binlog_checksum', mysql, [['CRC32']]],
    ['SELECT @master_binlog_checksum', mariadb, [['NONE']]],
    ['SELECT @@GLOBAL.GTID_MODE', mysql, [['ON']]],
    ["SHOW VARIABLES LIKE 'SERVER_UUID'", mysql, [['server_uuid', uuid]]],
    ['SELECT @@GLOBAL.SERVER_UUID', mysql, [[uuid]]],
    ['SELECT @@GLOBAL.gtid_domain_id', mariadb, [['5']]],
    ["SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'", mariadb, []],
  ] as const)('%s', (sql, context, rows) => {
    expect(rowsOf(sql, context)).toEqual(rows);
  });

  it.each([
    'SET @master_heartbeat_period= 1',
    'SET @master_heartbeat_period = 1, @source_heartbeat_period = 1',
    'SET @master_binlog_checksum= @@global.binlog_checksum',
    'SET @mariadb_slave_capability=4',
    'SET NAMES latin1',
    'KILL 7',
  ])('%s is accepted', (sql) => {
    expect(answerQuery(sql, mariadb, new Map())).toEqual({ kind: 'ok' });
  });

  it.each([
    'SELECT @@global.rpl_semi_sync_source_enabled',
    'SELECT @@global.rpl_semi_sync_master_enabled',
    "SELECT binlog_gtid_pos('bin.000001',4)",
  ])('%s is answered "not there", which is expected', (sql) => {
    expect(answerQuery(sql, mysql, new Map())).toMatchObject({ kind: 'error', errno: 1193, expected: true });
  });

  it('anything else is error 1193 and worth a line in the log', () => {
    const unexpected = { kind: 'error', errno: 1193, expected: false };
    expect(answerQuery('SELECT * FROM mysql.user', mysql, new Map())).toMatchObject(unexpected);
    expect(answerQuery('SELECT @@GLOBAL.GTID_MODE', mariadb, new Map())).toMatchObject(unexpected);
  });
});

describe('what replicas say of themselves', () => {
  function said(...texts: readonly string[]): SessionVariables {
    const variables: SessionVariables = new Map();
    for (const text of texts) answerQuery(text, mysql, variables);
    return variables;
  }

  it('reads the heartbeat period, asked for in nanoseconds', () => {
    expect(heartbeatPeriodMs(said('SET @master_heartbeat_period= 1500000000'))).toBe(1500);
    expect(heartbeatPeriodMs(said('SET @master_heartbeat_period = 2000000, @source_heartbeat_period = 2000000'))).toBe(
      2,
    );
    expect(heartbeatPeriodMs(said('SET @master_heartbeat_period= 0'))).toBeUndefined();
    expect(heartbeatPeriodMs(said())).toBeUndefined();
  });

  it('reads the UUID under its old and its new name', () => {
    expect(replicaUuid(said(`SET @slave_uuid= '${uuid}'`))).toBe(uuid);
    expect(replicaUuid(said(`SET @slave_uuid = '${uuid}', @replica_uuid = '${uuid}'`))).toBe(uuid);
  });

  it('tells an empty GTID position from none at all', () => {
    expect(connectState(said("SET @slave_connect_state=''"))).toBe('');
    expect(connectState(said("SET @slave_connect_state='0-1-175,4-2-9'"))).toBe('0-1-175,4-2-9');
    expect(connectState(said())).toBeUndefined();
  });
});
