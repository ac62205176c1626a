import type Mysql from 'mysql2';
import type { Connection } from 'mysql2';
import type { Duplex } from 'node:stream';
import type { Account } from '../model/settings.js';

export type Driver = typeof Mysql;

/** The one import of the driver. It costs some 60 ms, so it is loaded when the first connection is made. */
export async function loadDriver(): Promise<Driver> {
  const module = await import('mysql2');
  return module.default;
}

/**
 * A driver connection on a stream of ours: only its owner can really destroy it (the driver's own `destroy` merely sends
 * FIN, and a hung peer never answers that). No deadline is given to the driver; its timers neither stop a statement nor
 * reach what is queued behind one.
 */
export function openOn(driver: Driver, stream: Duplex, account: Account, encrypted: boolean): Connection {
  return driver.createConnection({
    stream,
    user: account.user,
    password: account.password.reveal(),
    connectTimeout: 0,
    charset: 'utf8mb4',
    // Whole numbers come as numbers while those are exact, and as text beyond 2^53.
    supportBigNumbers: true,
    dateStrings: true,
    // The servers' own certificates are nearly always self-signed. This hides the traffic; it does not prove the server.
    ...(encrypted ? { ssl: { rejectUnauthorized: false } } : {}),
  });
}
