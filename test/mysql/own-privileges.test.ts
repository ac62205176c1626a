import { describe, expect, it } from 'vitest';
import type { ServerVersion } from '../../src/model/picture.js';
import {
  missingPrivileges,
  neededPrivileges,
  replicationGrant,
  smallestGrants,
} from '../../src/mysql/own-privileges.js';

const version = (vendor: ServerVersion['vendor'], major: number, minor: number, patch = 0): ServerVersion => ({
  vendor,
  major,
  minor,
  patch,
  text: '',
});
const mha = { user: 'mha', host: '10.0.0.%' };

describe('the smallest rights', () => {
  it.each([
    ['MySQL 5.6', version('mysql', 5, 6), 'SUPER'],
    ['MySQL 8.0', version('mysql', 8, 0), 'REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN'],
    ['MySQL 8.0, for XA RECOVER', version('mysql', 8, 0), 'XA_RECOVER_ADMIN'],
    ['MariaDB 10.4', version('mariadb', 10, 4, 30), 'REPLICATION CLIENT, SUPER'],
    ['MariaDB 10.11', version('mariadb', 10, 11), 'REPLICATION MASTER ADMIN, READ_ONLY ADMIN, CONNECTION ADMIN'],
  ])('are said in the words of %s', (_name, server, words) => {
    const [grant, ...more] = smallestGrants(server, mha, 'SELECT');
    expect(more).toEqual([]);
    expect(grant).toMatch(/^GRANT SELECT, .* ON \*\.\* TO 'mha'@'10\.0\.0\.%';$/);
    expect(grant).toContain(words);
  });

  it('are a few more where the ping writes', () => {
    expect(smallestGrants(version('mysql', 8, 4), mha, 'INSERT')[1]).toBe(
      "GRANT CREATE, INSERT, UPDATE ON infra.* TO 'mha'@'10.0.0.%';",
    );
  });

  it('of replicas are one', () => {
    expect(replicationGrant({ user: "re'pl", host: '%' })).toBe("GRANT REPLICATION SLAVE ON *.* TO 're\\'pl'@'%';");
  });
});

describe('rights that are missing', () => {
  it.each([version('mysql', 5, 7), version('mysql', 9, 7), version('mariadb', 10, 4), version('mariadb', 11, 4)])(
    'are all, or none',
    (server) => {
      const needed = neededPrivileges(server);
      expect(missingPrivileges(server, [])).toEqual(needed);
      expect(missingPrivileges(server, needed)).toEqual([]);
    },
  );

  it('are none of those that SUPER stands for', () => {
    const granted = ['SELECT', 'PROCESS', 'EVENT', 'RELOAD', 'REPLICATION CLIENT', 'SUPER'];
    // XA RECOVER is none of them (MySQL 8.0).
    expect(missingPrivileges(version('mysql', 8, 0), granted)).toEqual(['XA_RECOVER_ADMIN']);
    expect(missingPrivileges(version('mariadb', 10, 11), granted)).toEqual(['READ_ONLY ADMIN']);
    expect(missingPrivileges(version('mariadb', 10, 6, 18), granted)).toEqual([]);
    expect(missingPrivileges(version('mariadb', 11, 4), granted)).toEqual([
      'SLAVE MONITOR',
      'REPLICATION SLAVE ADMIN',
      'REPLICATION MASTER ADMIN',
      'READ_ONLY ADMIN',
      'CONNECTION ADMIN',
    ]);
  });

  it('are known under either name that MariaDB gives them', () => {
    const server = version('mariadb', 10, 11);
    const granted = neededPrivileges(server).map((name) => name.replace('SLAVE MONITOR', 'REPLICA MONITOR'));
    expect(missingPrivileges(server, granted)).toEqual([]);
  });
});
