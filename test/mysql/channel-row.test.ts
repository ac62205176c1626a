import { describe, expect, it } from 'vitest';
import { channelFromRow, hasSource } from '../../src/mysql/channel-row.js';
import { mariadbRow, mysql57Row, mysql97Row } from './rows-recorded.js';

describe('channelFromRow', () => {
  it('reads the words of MariaDB 10.11', () => {
    expect(channelFromRow(mariadbRow)).toMatchObject({
      name: '',
      sourceHost: '127.0.0.1',
      sourcePort: 33901,
      sourceUser: 'repl',
      sourceServerId: 1,
      receiver: 'running',
      applier: 'running',
      received: { file: 'mysql-bin.000001', position: 1645 },
      executed: { file: 'mysql-bin.000001', position: 1645 },
      mode: 'coordinates',
      lag: 0,
      connectRetry: 60,
      heartbeatSeconds: 30,
      heartbeatsReceived: 17,
      relayLogFile: 'relay-bin.000002',
      relayLogPosition: 1944,
      ssl: { allowed: false, verifyServerCert: false },
    });
    expect(channelFromRow(mariadbRow)).not.toHaveProperty('sourceUuid');
  });

  it('reads the words of MySQL 9.7', () => {
    expect(channelFromRow(mysql97Row)).toMatchObject({
      sourcePort: 33911,
      sourceServerId: 11,
      sourceUuid: '4e057fee-e59f-11f1-bdaf-02fc00000001',
      receiver: 'running',
      applier: 'running',
      received: { file: 'mysql-bin.000001', position: 1871 },
      executed: { file: 'mysql-bin.000001', position: 1871 },
      mode: 'auto-position',
      receivedGtid: '4e057fee-e59f-11f1-bdaf-02fc00000001:1-7',
      applierState: 'Replica has read all relay log; waiting for more updates',
      ssl: { allowed: true },
    });
    expect(channelFromRow(mysql97Row)).not.toHaveProperty('heartbeatSeconds');
  });

  it('reads the words of MySQL 5.7: states, errors, filters, delay, a set in lines', () => {
    expect(channelFromRow(mysql57Row)).toMatchObject({
      name: 'emea',
      receiver: 'connecting',
      applier: 'stopped',
      received: { file: 'binlog.000017', position: 5036 },
      executed: { file: 'binlog.000016', position: 1307 },
      mode: 'coordinates',
      receivedGtid: '7f3c1f0a-1111-11e9-8f9e-2a86e4085a59:1-5,8a94f357-aab4-11df-86ab-c80aa9429562:7',
      receiverError: { number: 2003, text: 'error connecting to master' },
      applierError: { number: 1062, text: 'Duplicate entry' },
      lag: 'unknown',
      delaySeconds: 3600,
      filters: { doDb: 'shop', wildIgnoreTable: 'tmp.%' },
    });
  });

  it.each([
    ['Slave_Pos', 'gtid-slave-pos'],
    ['Current_Pos', 'gtid-current-pos'],
    ['No', 'coordinates'],
  ])('Using_Gtid %s is %s', (word, mode) => {
    expect(channelFromRow({ ...mariadbRow, Using_Gtid: word }).mode).toBe(mode);
  });

  it.each([
    ['Slave_Pos', 0, false],
    ['Current_Pos', 0, false],
    ['Slave_Pos', 1, true],
    ['No', 0, true],
  ])('MariaDB %s, not connected since its start when the source’s id is 0: coordinates count %s', (word, id, known) => {
    const channel = channelFromRow({ ...mariadbRow, Using_Gtid: word, Master_Server_Id: id });
    expect([channel.received !== undefined, channel.executed !== undefined]).toEqual([known, known]);
  });

  it.each([
    ['1', 4, false],
    ['1', 400, true],
    ['0', 4, true],
  ])('a receiver before its applier, auto-position %s, at %i of a file: known %s', (auto, position, known) => {
    const places = { Relay_Source_Log_File: 'binlog.000017', Exec_Source_Log_Pos: 300 };
    const row = { ...mysql97Row, ...places, Source_Log_File: 'binlog.000017', Read_Source_Log_Pos: position };
    const { received, executed } = channelFromRow({ ...row, Auto_Position: auto });
    expect([received !== undefined, executed !== undefined]).toEqual([known, true]);
  });

  it.each([
    ['Yes', 'running'],
    ['No', 'stopped'],
    ['Connecting', 'connecting'],
    ['Preparing', 'connecting'],
    ['', 'unknown'],
  ])('a receiver that is "%s" is %s', (word, state) => {
    expect(channelFromRow({ ...mariadbRow, Slave_IO_Running: word }).receiver).toBe(state);
  });

  it('does not invent coordinates: no file, or position 0, is not known', () => {
    const fresh = channelFromRow({
      ...mysql97Row,
      Source_Log_File: '',
      Read_Source_Log_Pos: 4,
      Exec_Source_Log_Pos: 0,
    });
    expect(fresh).not.toHaveProperty('received');
    expect(fresh).not.toHaveProperty('executed');
  });

  it('knows a connection that never had a source', () => {
    expect(hasSource(channelFromRow({ ...mariadbRow, Master_Host: '' }))).toBe(false);
    expect(hasSource(channelFromRow(mariadbRow))).toBe(true);
  });
});
