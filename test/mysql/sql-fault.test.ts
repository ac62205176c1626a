import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.js';
import { statement } from '../../src/model/statement.js';
import { sqlFault } from '../../src/mysql/sql-fault.js';

const login = new Secret('login-canary');
const packet = (errno: number, message: string): Error =>
  Object.assign(new Error(message), { errno, sqlMessage: message, sql: 'the text with the-canary in it' });

describe('sqlFault', () => {
  const item = statement('CHANGE MASTER TO MASTER_PASSWORD=?', new Secret('the-canary'));

  it('masks secrets in what the server says and keeps no cause that holds them', () => {
    const fault = sqlFault('a:3306', item, packet(1210, "'the-canary' and 'login-canary' are wrong"), login);
    expect(fault.code).toBe('SQL_FAILED');
    expect(fault.message).toBe(
      `a:3306 answered 1210 to "CHANGE MASTER TO MASTER_PASSWORD='********'": '********' and '********' are wrong`,
    );
    expect(JSON.stringify(fault)).not.toContain('canary');
    expect(fault.cause).toBeUndefined();
  });

  it('withholds a syntax error, which may quote half a secret', () => {
    const fault = sqlFault('a:3306', item, packet(1064, "near 'PASSWORD='the-cana' at line 1"), login);
    expect(fault.message).not.toContain('the-cana');
  });

  it('shows a syntax error of a statement without secrets', () => {
    expect(sqlFault('a:3306', statement('SELEC 1'), packet(1064, "near 'SELEC 1'"), login).message).toContain(
      "near 'SELEC",
    );
  });

  it.each([1053, 1927, 4031])('error %i is the end of the connection', (errno) => {
    expect(sqlFault('a:3306', statement('SELECT 1'), packet(errno, 'bye'), login).code).toBe('SQL_CONNECTION_LOST');
  });

  it('an error without a number is the end of the connection too', () => {
    expect(sqlFault('a:3306', statement('SELECT 1'), new Error('read ECONNRESET'), login).code).toBe(
      'SQL_CONNECTION_LOST',
    );
  });
});
