import { createSecureContext, TLSSocket } from 'node:tls';
import type { Wire } from './wire.js';

/** PEM texts. A self-signed certificate is enough: replicas do not verify it unless they were told to. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/**
 * Goes over to TLS behind the client's SSL request. The client's hello may already be in the stream's buffer; it stays
 * there for the TLS layer, because the wire reads no further than a packet's end.
 */
export async function startTls(wire: Wire, identity: TlsIdentity): Promise<void> {
  const secureContext = createSecureContext({ key: identity.key, cert: identity.cert });
  const secure = new TLSSocket(wire.stream, { isServer: true, secureContext });
  await wire.replaceStream(secure, (ready) => secure.once('secure', ready));
}
