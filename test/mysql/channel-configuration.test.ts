import { describe, expect, it } from 'vitest';
import { withRow } from '../../src/mysql/channel-configuration.js';
import { channelFromRow } from '../../src/mysql/channel-row.js';
import {
  mariadbRow,
  mysql57Configuration,
  mysql57Row,
  mysql80Configuration,
  mysql80Row,
  mysql84Row,
  mysql97Configuration,
  mysql97Row,
} from './rows-recorded.js';

describe('what is told of a channel beside its status', () => {
  it('by MySQL 9.7', () => {
    const channel = withRow(channelFromRow(mysql97Row), mysql97Configuration);
    expect(channel).toMatchObject({ heartbeatSeconds: 3.5, heartbeatsReceived: 4 });
    expect(channel.ssl).toMatchObject({ allowed: true, tlsVersion: '', tlsCiphersuites: 'TLS_AES_256_GCM_SHA384' });
    expect(channel.receiverOptions).toEqual({
      retryCount: 10,
      publicKeyPath: '',
      getPublicKey: true,
      networkNamespace: '',
      compression: 'zstd,zlib',
      zstdLevel: 5,
      autoFailover: true,
    });
    expect(channel.applierOptions).toEqual({
      privilegeChecksUser: "'pcu'@'%'",
      requireRowFormat: true,
      primaryKeyCheck: 'ON',
      gtidOnly: true,
    });
  });

  it('by MySQL 9.7 of parallel appliers: the lock in front of one of them, which the status does not show', () => {
    const state = 'Waiting for commit lock';
    expect(withRow(channelFromRow(mysql97Row), { ...mysql97Configuration, worker_waits: state })).toMatchObject({
      applierState: state,
    });
    const { applierState } = channelFromRow(mysql97Row);
    expect(applierState).not.toBe('');
    expect(withRow(channelFromRow(mysql97Row), { ...mysql97Configuration, worker_waits: null })).toMatchObject({
      applierState,
    });
  });

  it('by MySQL 5.7: what it does not have is not there, so that nobody says it', () => {
    const channel = withRow(channelFromRow(mysql57Row), mysql57Configuration);
    expect(channel).toMatchObject({ heartbeatSeconds: 30, heartbeatsReceived: 9, applierOptions: {} });
    expect(Object.keys(channel.receiverOptions ?? {})).toEqual(['retryCount']);
    expect(channel.ssl).not.toHaveProperty('tlsCiphersuites');
  });

  it('by MySQL 8.0.21: what came later is not there', () => {
    const channel = withRow(channelFromRow(mysql80Row), mysql80Configuration);
    expect(channel).toMatchObject({ receiver: 'running', applier: 'running', mode: 'coordinates' });
    expect(channel.ssl.tlsVersion).toBe('TLSv1.2,TLSv1.3');
    expect(channel.ssl).not.toHaveProperty('tlsCiphersuites');
    expect(channel.receiverOptions).toEqual({
      retryCount: 86_400,
      publicKeyPath: '',
      getPublicKey: false,
      compression: 'uncompressed',
      zstdLevel: 3,
    });
    expect(channel.applierOptions).toEqual({
      privilegeChecksUser: '',
      requireRowFormat: false,
      primaryKeyCheck: 'STREAM',
    });
  });

  it('by MySQL 8.4', () => {
    const channel = withRow(channelFromRow(mysql84Row), {
      ...mysql97Configuration,
      SOURCE_CONNECTION_AUTO_FAILOVER: '0',
    });
    expect(channel).toMatchObject({
      name: 'emea',
      sourceHost: 'db1.example.com',
      received: { file: 'binlog.000002', position: 1307 },
      executed: { file: 'binlog.000002', position: 1307 },
      mode: 'coordinates',
      lag: 'unknown',
      delaySeconds: 600,
      filters: { ignoreDb: 'scratch', ignoreServerIds: '7' },
      receiverOptions: { retryCount: 10, autoFailover: false },
    });
  });

  it('by MariaDB: all is in the status', () => {
    const channel = channelFromRow(mariadbRow);
    expect(channel).toMatchObject({ heartbeatSeconds: 30, receiverOptions: {} });
    expect(channel).not.toHaveProperty('applierOptions');
  });

  it('an account that nobody checks is known to be none', () => {
    const row = { ...mysql97Configuration, PRIVILEGE_CHECKS_USER: null };
    expect(withRow(channelFromRow(mysql97Row), row).applierOptions).toMatchObject({ privilegeChecksUser: '' });
  });
});
