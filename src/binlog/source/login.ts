import type { Account } from '../../model/settings.js';
import { okPacket } from './answers.js';
import { greeting, isTlsRequest, parseHandshakeResponse } from './greeting.js';
import { refusals } from './refusal.js';
import { type AuthPlugin, makeNonce, pluginFor, provesPassword } from './scramble.js';
import { startTls, type TlsIdentity } from './tls.js';
import { ConnectionEnded, type Wire } from './wire.js';

export interface LoginOffer {
  /** The dead source's version text: replicas choose their questions by it. */
  readonly version: string;
  /** The replication account, where it is known. */
  readonly account?: Account;
  readonly tls?: TlsIdentity;
}

export interface LoggedIn {
  readonly user: string;
  readonly tls: boolean;
  /** The password was checked. Otherwise any was good: the replica's stored account is then not known to us. */
  readonly checked: boolean;
}

/** The authentication method is switched with this first byte; "fast authentication worked" is said with the others. */
const switchMethod = 0xfe;
const fastAuthenticated = Buffer.of(0x01, 0x03);

/** Greets, goes over to TLS when the client wishes, checks the password where it can be checked. */
export async function login(wire: Wire, offer: LoginOffer): Promise<LoggedIn> {
  const plugin = pluginFor(offer.version);
  const nonce = makeNonce();
  await wire.send(greeting(offer.version, plugin, nonce, offer.tls !== undefined));
  let packet = await wire.receive();
  const tls = isTlsRequest(packet);
  if (tls) {
    if (offer.tls === undefined) throw new ConnectionEnded('the client began TLS, which was not offered');
    await startTls(wire, offer.tls);
    packet = await wire.receive();
  }
  const response = parseHandshakeResponse(packet);
  const { account } = offer;
  const checked = response.user === account?.user;
  if (account !== undefined && checked) {
    const scramble =
      response.plugin === '' || response.plugin === plugin ? response.scramble : await askAgain(wire, plugin, nonce);
    if (!provesPassword(plugin, account.password, nonce, scramble)) throw refusals.wrongPassword(response.user);
  }
  if (plugin === 'caching_sha2_password' && response.scramble.length > 0) await wire.send(fastAuthenticated);
  await wire.send(okPacket());
  return { user: response.user, tls, checked };
}

/** Some clients begin with the method they like best, whatever the greeting says. */
async function askAgain(wire: Wire, plugin: AuthPlugin, nonce: Buffer): Promise<Buffer> {
  await wire.send(Buffer.concat([Buffer.of(switchMethod), Buffer.from(`${plugin}\0`, 'latin1'), nonce, Buffer.of(0)]));
  return wire.receive();
}
