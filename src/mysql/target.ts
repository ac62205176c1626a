import type { Duplex } from 'node:stream';
import type { Account, ServerSettings } from '../model/settings.js';

/** Where to connect and as whom. */
export interface Target {
  /** The name that messages use. */
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly account: Account;
  /** Spoken over instead of a TCP connection of our own; it is destroyed with the connection. */
  readonly stream?: Duplex;
}

export function targetOf(settings: ServerSettings): Target {
  return { server: settings.id, address: settings.address, port: settings.port, account: settings.account };
}
