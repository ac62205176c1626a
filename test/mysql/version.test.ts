import { describe, expect, it } from 'vitest';
import { isAtLeast, parseVersion } from '../../src/mysql/version.js';

describe('parseVersion', () => {
  it.each([
    ['8.0.36-0ubuntu0.22.04.1', 'mysql', 8, 0, 36],
    ['5.7.44-log', 'mysql', 5, 7, 44],
    ['5.7.44-48-log', 'mysql', 5, 7, 44],
    ['5.6.24', 'mysql', 5, 6, 24],
    ['8.4.3-3', 'mysql', 8, 4, 3],
    ['8.0.36-28.1', 'mysql', 8, 0, 36],
    ['9.7.4-2', 'mysql', 9, 7, 4],
    ['10.11.19-MariaDB-0+deb12u1', 'mariadb', 10, 11, 19],
    ['10.11.19-MariaDB-0+deb12u1-log', 'mariadb', 10, 11, 19],
    ['5.5.5-10.11.19-MariaDB-0+deb12u1', 'mariadb', 10, 11, 19],
    ['10.6.14-MariaDB-log', 'mariadb', 10, 6, 14],
    ['11.4.2-MariaDB-ubu2404', 'mariadb', 11, 4, 2],
    ['10.5.12-MariaDB-1:10.5.12+maria~focal-log', 'mariadb', 10, 5, 12],
    ['8.0.mysql_aurora.3.04.0', 'mysql', 8, 0, 0],
    ['5.7.mysql_aurora.2.11.2', 'mysql', 5, 7, 0],
    ['5.7.12', 'mysql', 5, 7, 12],
    ['5.5.5-10.6.12-MariaDB-log', 'mariadb', 10, 6, 12],
    ['5.5.5-10.5.12-MariaDB-1:10.5.12+maria~bionic-log', 'mariadb', 10, 5, 12],
    ['10.4.13-MariaDB-1~jessie', 'mariadb', 10, 4, 13],
    ['11.8.3-MariaDB-0+deb13u1 from Debian', 'mariadb', 11, 8, 3],
    ['11.4.8-MariaDB-ubu2404-log', 'mariadb', 11, 4, 8],
    ['12.0.2-MariaDB', 'mariadb', 12, 0, 2],
    ['12.1.1-MariaDB-enterprise', 'mariadb', 12, 1, 1],
    ['10.6.18-14-MariaDB-enterprise-log', 'mariadb', 10, 6, 18],
    // RDS says what the server says; for MySQL that is sometimes more than three numbers.
    ['8.0.35', 'mysql', 8, 0, 35],
    ['5.7.44-rds.20240529-log', 'mysql', 5, 7, 44],
    ['8.4.5.R1', 'mysql', 8, 4, 5],
    ['10.11.8-MariaDB-managed', 'mariadb', 10, 11, 8],
    ['8.0.36-google', 'mysql', 8, 0, 36],
    ['8.0.40-azure', 'mysql', 8, 0, 40],
    ['8.0.43-0ubuntu0.24.04.1', 'mysql', 8, 0, 43],
    ['8.0.30-debug', 'mysql', 8, 0, 30],
    ['5.6.51-91.0-log', 'mysql', 5, 6, 51],
    ['5.1.73-14.12-log', 'mysql', 5, 1, 73],
    ['9.0.0-er', 'mysql', 9, 0, 0],
    ['9.7.4', 'mysql', 9, 7, 4],
    ['8.0.35-cluster', 'mysql', 8, 0, 35],
  ] as const)('%s', (text, vendor, major, minor, patch) => {
    expect(parseVersion(text)).toEqual({ vendor, text, major, minor, patch });
  });

  it('believes what is known of the family more than the text', () => {
    expect(parseVersion('10.11.19-company-build', 'mariadb')).toMatchObject({ vendor: 'mariadb', major: 10 });
  });

  it.each(['', 'unknown', '8', 'v8.0.36'])('does not guess from "%s"', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('isAtLeast', () => {
  const version = { vendor: 'mysql', text: '8.0.22', major: 8, minor: 0, patch: 22 } as const;

  it.each([
    [8, 0, 22, true],
    [8, 0, 23, false],
    [5, 7, 44, true],
    [8, 4, 0, false],
    [9, 0, 0, false],
  ])('8.0.22 against %i.%i.%i', (major, minor, patch, answer) => {
    expect(isAtLeast(version, major, minor, patch)).toBe(answer);
  });
});
