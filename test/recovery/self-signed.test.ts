import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { selfSigned } from '../../src/recovery/self-signed.js';

describe('the certificate of a run', () => {
  it('is one that X.509 readers accept and that verifies itself', () => {
    const certificate = new X509Certificate(selfSigned('mha-ts recovery', Date.now()).cert);
    expect(certificate.subject).toBe('CN=mha-ts recovery');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
  });

  it('carries a TLS connection', async () => {
    const server = createServer(selfSigned('mha-ts recovery', Date.now()), (socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('hello');
    socket.destroy();
    server.close();
  });
});
