import { describe, expect, it } from 'vitest';
import { login } from '../../../src/binlog/source/login.js';
import { makeNonce, pluginFor } from '../../../src/binlog/source/scramble.js';
import { Wire } from '../../../src/binlog/source/wire.js';
import { Secret } from '../../../src/model/secret.js';
import { selfSigned } from '../../../src/recovery/self-signed.js';
import { nativeScramble, ReplicaClient, sha2Scramble } from './replica-client.js';
import { streamPair } from './stream-pair.js';

const account = { user: 'repl', password: new Secret('geheim') };

function meet(version: string, options: { readonly known?: boolean; readonly tls?: boolean } = {}) {
  const { client, server } = streamPair();
  const offer = {
    version,
    ...(options.known === true ? { account } : {}),
    ...(options.tls === true ? { tls: selfSigned('source', Date.now()) } : {}),
  };
  const outcome: Promise<unknown> = login(new Wire(server), offer).catch((error: unknown) => error);
  return { replica: new ReplicaClient(client), outcome };
}

describe('login', () => {
  it.each([
    ['10.11.19-MariaDB-log', 'mysql_native_password'],
    ['5.5.5-10.4.2-MariaDB', 'mysql_native_password'],
    ['5.6.24-log', 'mysql_native_password'],
    ['5.7.44', 'mysql_native_password'],
    ['8.0.36', 'caching_sha2_password'],
    ['9.7.4-2', 'caching_sha2_password'],
  ])('offers a replica of %s the method %s', (version, plugin) => {
    expect(pluginFor(version)).toBe(plugin);
  });

  it('greets with the version of the dead source and a nonce that holds no zero', async () => {
    const { replica } = meet('10.11.19-MariaDB-log');
    const greeting = await replica.greeting();
    expect(greeting).toMatchObject({
      version: '10.11.19-MariaDB-log',
      plugin: 'mysql_native_password',
      offersTls: false,
    });
    expect(greeting.nonce).toHaveLength(20);
    for (let i = 0; i < 50; i++) expect(makeNonce().every((byte) => byte > 0 && byte < 127)).toBe(true);
  });

  it.each([
    ['10.11.19-MariaDB', nativeScramble],
    ['8.0.36', sha2Scramble],
  ])('%s: checks the password of the known account', async (version, scramble) => {
    const right = meet(version, { known: true });
    const { nonce, plugin } = await right.replica.greeting();
    await right.replica.logIn('repl', scramble('geheim', nonce), plugin);
    expect(await right.outcome).toEqual({ user: 'repl', tls: false, checked: true });

    const wrong = meet(version, { known: true });
    const greeting = await wrong.replica.greeting();
    void wrong.replica.logIn('repl', scramble('falsch', greeting.nonce), plugin).catch(() => undefined);
    expect(await wrong.outcome).toMatchObject({ name: 'Refusal', errno: 1045 });

    const none = meet(version, { known: true });
    await none.replica.greeting();
    void none.replica.logIn('repl', Buffer.alloc(0), plugin).catch(() => undefined);
    expect(await none.outcome).toMatchObject({ name: 'Refusal', errno: 1045 });
  });

  it('says "fast authentication worked" before OK, as caching_sha2_password has it', async () => {
    const { replica } = meet('8.0.36');
    const { plugin } = await replica.greeting();
    expect(await replica.logIn('repl', Buffer.alloc(32, 1), plugin)).toEqual(Buffer.of(1, 3));
    expect((await replica.wire.receive())[0]).toBe(0);
  });

  it('accepts any password of an account that is not known, and says so', async () => {
    for (const meeting of [meet('10.11.19-MariaDB'), meet('10.11.19-MariaDB', { known: true })]) {
      const { plugin } = await meeting.replica.greeting();
      const answer = await meeting.replica.logIn('another', Buffer.alloc(20, 1), plugin);
      expect(answer[0]).toBe(0);
      expect(await meeting.outcome).toEqual({ user: 'another', tls: false, checked: false });
    }
  });

  it('asks again when the client began with another method', async () => {
    const { replica, outcome } = meet('10.11.19-MariaDB', { known: true });
    const { nonce } = await replica.greeting();
    const request = await replica.logIn('repl', Buffer.alloc(32, 1), 'caching_sha2_password');
    expect(request[0]).toBe(0xfe);
    expect(request.toString('latin1', 1, request.indexOf(0, 1))).toBe('mysql_native_password');
    expect(request.subarray(request.indexOf(0, 1) + 1, -1)).toEqual(nonce);
    replica.wire.send(nativeScramble('geheim', nonce));
    expect((await replica.wire.receive())[0]).toBe(0);
    expect(await outcome).toMatchObject({ checked: true });
  });

  it('goes over to TLS when the hello comes in the same segment as the request', async () => {
    const { replica, outcome } = meet('10.11.19-MariaDB', { known: true, tls: true });
    const { nonce, plugin, offersTls } = await replica.greeting();
    expect(offersTls).toBe(true);
    const tls = await replica.startTls();
    expect(tls.encrypted).toBe(true);
    const answer = await replica.logIn('repl', nativeScramble('geheim', nonce), plugin);
    expect(answer[0]).toBe(0);
    expect(await outcome).toEqual({ user: 'repl', tls: true, checked: true });
  });

  it('ends a connection that is not a login', async () => {
    for (const packet of [Buffer.alloc(3), Buffer.alloc(0), Buffer.alloc(32)]) {
      const { replica, outcome } = meet('10.11.19-MariaDB');
      await replica.greeting();
      replica.wire.send(packet);
      expect(await outcome).toMatchObject({ name: 'ConnectionEnded' });
    }
  });
});
