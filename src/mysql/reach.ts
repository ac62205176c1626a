import { type Fault, isFault, describeError } from '../model/fault.js';
import type { Reach } from '../model/picture.js';

export type NotReached = Exclude<Reach, { kind: 'answered' }>;

/** The number of an error packet that came over the wire; undefined for every other error. */
export function serverErrno(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('sqlMessage' in error) || !('errno' in error)) return undefined;
  return typeof error.errno === 'number' ? error.errno : undefined;
}

/**
 * What a failed connection attempt says of the server. Any error packet of the server's own, and any failure to log in
 * after it greeted us, means that it is alive: too many connections, access denied, an unknown auth plugin, TLS.
 */
export function classifyConnectError(error: unknown, greeted: boolean): NotReached {
  const message = describeError(error);
  const errno = serverErrno(error);
  if (errno !== undefined) {
    return isProxyErrno(errno) ? { kind: 'no-answer', message } : { kind: 'refused-us', errno, message };
  }
  if (isRefusal(error)) return { kind: 'port-refused', message };
  if (!greeted || isNetworkError(error)) return { kind: 'no-answer', message };
  return { kind: 'refused-us', errno: 0, message };
}

/** The same for a fault thrown by a connection attempt or by a query on a connection that stood. */
export function reachOfFault(fault: Fault): NotReached {
  const { facts } = fault;
  const errno = typeof facts['errno'] === 'number' ? facts['errno'] : 0;
  const message = typeof facts['message'] === 'string' ? facts['message'] : fault.message;
  if (isFault(fault, 'SQL_FAILED') || isFault(fault, 'SQL_VERSION_UNKNOWN'))
    return { kind: 'refused-us', errno, message };
  if (isFault(fault, 'SQL_NOT_CONNECTED')) {
    if (facts['reach'] === 'refused-us') return { kind: 'refused-us', errno, message };
    if (facts['reach'] === 'port-refused') return { kind: 'port-refused', message };
  }
  return { kind: 'no-answer', message };
}

/**
 * Numbers that a database server does not send of itself: 2000-2999 belong to client libraries and 9000-9999 to ProxySQL.
 * They come from something in between that could not reach the server either.
 */
function isProxyErrno(errno: number): boolean {
  return (errno >= 2000 && errno < 3000) || (errno >= 9000 && errno < 10000);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isRefusal(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isRefusal);
  return codeOf(error) === 'ECONNREFUSED';
}

const networkWords = /no login within|closed the connection|socket disconnected|ECONNRESET|EPIPE|ETIMEDOUT/;

function isNetworkError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isNetworkError);
  if (!(error instanceof Error)) return false;
  // The driver renames a broken TLS handshake, so the words have to be looked at as well.
  return 'syscall' in error || codeOf(error) === 'PROTOCOL_CONNECTION_LOST' || networkWords.test(error.message);
}
