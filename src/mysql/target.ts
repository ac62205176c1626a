import type { Duplex } from 'node:stream';
import type { Account, ServerId, ServerSettings } from '../model/settings.js';

/** Where to connect and as whom. */
export interface Target {
  /** The name that messages use. */
  readonly server: string;
  readonly address: string;
  readonly port: number;
  readonly account: Account;
  /** Opens what is spoken over, instead of a TCP connection from here; it is destroyed with the connection. */
  readonly open?: () => Promise<Duplex>;
}

export function targetOf(settings: ServerSettings): Target & { readonly server: ServerId } {
  return { server: settings.id, address: settings.address, port: settings.port, account: settings.account };
}
