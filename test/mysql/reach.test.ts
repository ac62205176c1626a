import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/model/fault.js';
import { classifyConnectError, reachOfFault } from '../../src/mysql/reach.js';

const packet = (errno: number, message: string): Error =>
  Object.assign(new Error(message), { errno, sqlMessage: message });
const system = (code: string): Error =>
  Object.assign(new Error(`connect ${code}`), { code, errno: -1, syscall: 'connect' });
const client = (code: string, message = code): Error => Object.assign(new Error(message), { code, fatal: true });

describe('what a failed connection attempt says', () => {
  it.each([1040, 1042, 1043, 1044, 1045, 1053, 1129, 1130, 1203, 1226, 1251, 1275, 1524, 3118, 3159, 4151])(
    'error %i from the server: it is alive',
    (errno) => {
      expect(classifyConnectError(packet(errno, 'no'), false)).toEqual({ kind: 'refused-us', errno, message: 'no' });
    },
  );

  it.each([2003, 2013, 9001])('error %i comes from a proxy without its server: nobody answered', (errno) => {
    expect(classifyConnectError(packet(errno, 'no backend'), true).kind).toBe('no-answer');
  });

  it('a refused port is the host saying that nobody listens', () => {
    expect(classifyConnectError(system('ECONNREFUSED'), false).kind).toBe('port-refused');
    expect(classifyConnectError(new AggregateError([system('ECONNREFUSED'), system('ECONNREFUSED')]), false).kind).toBe(
      'port-refused',
    );
  });

  it('one refused address of two says nothing', () => {
    const mixed = new AggregateError([system('ECONNREFUSED'), system('EHOSTUNREACH')]);
    expect(classifyConnectError(mixed, false).kind).toBe('no-answer');
  });

  it.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'EPIPE'])(
    '%s is no answer, greeted or not',
    (code) => {
      expect(classifyConnectError(system(code), false).kind).toBe('no-answer');
      expect(classifyConnectError(system(code), true).kind).toBe('no-answer');
    },
  );

  it.each(['AUTH_SWITCH_PLUGIN_ERROR', 'HANDSHAKE_NO_SSL_SUPPORT', 'HANDSHAKE_UNKNOWN_ERROR', 'PROTOCOL_ERROR'])(
    '%s behind a greeting: alive, but we do not get in',
    (code) => {
      expect(classifyConnectError(client(code), true)).toMatchObject({ kind: 'refused-us', errno: 0 });
    },
  );

  it('a TLS handshake that fails is a refusal, one that breaks off is not', () => {
    expect(classifyConnectError(client('HANDSHAKE_SSL_ERROR', 'wrong version number'), true).kind).toBe('refused-us');
    const broken = client('HANDSHAKE_SSL_ERROR', 'Client network socket disconnected before secure TLS connection');
    expect(classifyConnectError(broken, true).kind).toBe('no-answer');
  });

  it('a greeting and then silence is no answer', () => {
    expect(classifyConnectError(new Error('no login within 500 ms'), true).kind).toBe('no-answer');
    expect(classifyConnectError(client('PROTOCOL_CONNECTION_LOST'), true).kind).toBe('no-answer');
  });
});

describe('reachOfFault', () => {
  it('a statement that the server refused: alive', () => {
    const fault = new Fault('SQL_FAILED', { server: 'a', errno: 1227, statement: 's', message: 'denied' });
    expect(reachOfFault(fault)).toEqual({ kind: 'refused-us', errno: 1227, message: 'denied' });
  });

  it('keeps what the connection attempt said', () => {
    const fault = (reach: string): Fault =>
      new Fault('SQL_NOT_CONNECTED', { server: 'a', reach, message: 'm', errno: 1040 });
    expect(reachOfFault(fault('refused-us'))).toEqual({ kind: 'refused-us', errno: 1040, message: 'm' });
    expect(reachOfFault(fault('port-refused'))).toEqual({ kind: 'port-refused', message: 'm' });
    expect(reachOfFault(fault('no-answer'))).toEqual({ kind: 'no-answer', message: 'm' });
  });

  it('silence and a lost connection are no answer', () => {
    expect(reachOfFault(new Fault('SQL_NO_ANSWER', { server: 'a', statement: 's', deadlineMs: 1 })).kind).toBe(
      'no-answer',
    );
    expect(reachOfFault(new Fault('SQL_CONNECTION_LOST', { server: 'a', message: 'm' })).kind).toBe('no-answer');
  });

  it('a version that is not understood is a server that answered', () => {
    expect(reachOfFault(new Fault('SQL_VERSION_UNKNOWN', { server: 'a', version: 'x' })).kind).toBe('refused-us');
  });
});
