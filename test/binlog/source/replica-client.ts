import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

/** The client side of the protocol, written apart from the server side: what a replica's receiver does. */
const protocol41 = 0x200;
const ssl = 0x800;
const secure = 0x8000;
const pluginAuth = 0x80000;

export interface Greeting {
  readonly version: string;
  readonly nonce: Buffer;
  readonly plugin: string;
  readonly offersTls: boolean;
}

/** Packets, read and numbered by the client's own hand: every one must carry the number that follows. */
class ClientPackets {
  readonly stream: Duplex;
  sequence = 0;

  constructor(stream: Duplex) {
    this.stream = stream;
  }

  async receive(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (;;) {
      const header = await this.#take(4);
      const length = header.readUIntLE(0, 3);
      if (header[3] !== this.sequence) throw new Error(`packet ${String(header[3])}, not ${String(this.sequence)}`);
      this.sequence = (this.sequence + 1) % 256;
      pieces.push(length === 0 ? Buffer.alloc(0) : await this.#take(length));
      if (length < 0xffffff) return Buffer.concat(pieces);
    }
  }

  send(body: Buffer): void {
    const header = Buffer.alloc(4);
    header.writeUIntLE(body.length, 0, 3);
    header[3] = this.sequence;
    this.sequence = (this.sequence + 1) % 256;
    this.stream.write(Buffer.concat([header, body]));
  }

  async #take(length: number): Promise<Buffer> {
    for (;;) {
      const bytes: unknown = this.stream.read(length);
      if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
      if (this.stream.readableEnded || this.stream.destroyed) throw new Error('the source ended the connection');
      const enough = new AbortController();
      const { signal } = enough;
      await Promise.race(['readable', 'end', 'close'].map((name) => once(this.stream, name, { signal })));
      enough.abort();
    }
  }
}

export class ReplicaClient {
  wire: ClientPackets;

  constructor(stream: Duplex) {
    this.wire = new ClientPackets(stream);
  }

  async greeting(): Promise<Greeting> {
    const packet = await this.wire.receive();
    if (packet[0] === 0xff) throw new ServerError(packet);
    const end = packet.indexOf(0, 1);
    const nonce = Buffer.concat([packet.subarray(end + 5, end + 13), packet.subarray(end + 32, end + 44)]);
    return {
      version: packet.toString('latin1', 1, end),
      nonce,
      plugin: packet.toString('latin1', end + 45, packet.length - 1),
      offersTls: (packet.readUInt16LE(end + 14) & ssl) !== 0,
    };
  }

  /** Sends the SSL request and the TLS hello in one segment, as the network may deliver them. */
  async startTls(): Promise<TLSSocket> {
    const raw = this.wire.stream;
    const request = Buffer.alloc(36);
    request.writeUIntLE(32, 0, 3);
    request[3] = 1;
    request.writeUInt32LE(protocol41 | ssl | secure | pluginAuth, 4);
    raw.cork();
    raw.write(request);
    const tls = connect({ socket: raw, rejectUnauthorized: false });
    setImmediate(() => raw.uncork());
    await new Promise<void>((resolve, reject) => {
      tls.once('secureConnect', resolve);
      tls.once('error', reject);
    });
    this.wire = new ClientPackets(tls);
    this.wire.sequence = 2;
    return tls;
  }

  async logIn(user: string, scramble: Buffer, plugin: string): Promise<Buffer> {
    const head = Buffer.alloc(32);
    head.writeUInt32LE(protocol41 | secure | pluginAuth, 0);
    this.wire.send(
      Buffer.concat([head, Buffer.from(`${user}\0`), Buffer.of(scramble.length), scramble, Buffer.from(`${plugin}\0`)]),
    );
    return this.wire.receive();
  }

  /** Greeting and a login that any source without a known account accepts. */
  async begin(user = 'repl'): Promise<Greeting> {
    const greeting = await this.greeting();
    const answer = await this.logIn(user, Buffer.alloc(20, 7), greeting.plugin);
    if (greeting.plugin === 'caching_sha2_password') await this.wire.receive();
    if (answer[0] === 0xff) throw new ServerError(answer);
    return greeting;
  }

  command(...body: readonly (Buffer | number | string)[]): void {
    this.wire.sequence = 0;
    const parts = body.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)));
    this.wire.send(Buffer.concat(parts));
  }

  /** Rows of the answer as texts; undefined for a plain OK. */
  async query(sql: string): Promise<string[][] | undefined> {
    this.command(3, sql);
    const first = await this.wire.receive();
    if (first[0] === 0xff) throw new ServerError(first);
    if (first[0] === 0x00) return undefined;
    while ((await this.wire.receive())[0] !== 0xfe);
    const rows: string[][] = [];
    for (;;) {
      const packet = await this.wire.receive();
      if (packet[0] === 0xfe) return rows;
      const row: string[] = [];
      for (let at = 0; at < packet.length; at += 1 + (packet[at] ?? 0)) {
        row.push(packet.toString('utf8', at + 1, at + 1 + (packet[at] ?? 0)));
      }
      rows.push(row);
    }
  }

  async register(serverId: number): Promise<Buffer> {
    const body = Buffer.alloc(17);
    body.writeUInt32LE(serverId, 0);
    this.command(0x15, body);
    return this.wire.receive();
  }

  dump(serverId: number, file: string, position: number, flags = 0): void {
    const body = Buffer.alloc(10);
    body.writeUInt32LE(position, 0);
    body.writeUInt16LE(flags, 4);
    body.writeUInt32LE(serverId, 6);
    this.command(0x12, body, file);
  }

  dumpGtid(serverId: number, set: Buffer, flags = 0): void {
    const body = Buffer.alloc(10 + 8 + 4);
    body.writeUInt16LE(flags, 0);
    body.writeUInt32LE(serverId, 2);
    body.writeBigUInt64LE(4n, 10);
    body.writeUInt32LE(set.length, 18);
    this.command(0x1e, body, set);
  }

  /** The next event of the dump; undefined at EOF. Throws ServerError for an ERR packet. */
  async event(): Promise<Buffer | undefined> {
    const packet = await this.wire.receive();
    if (packet[0] === 0xff) throw new ServerError(packet);
    if (packet[0] === 0xfe && packet.length < 9) return undefined;
    if (packet[0] !== 0) throw new Error('an event begins with a zero byte');
    return packet.subarray(1);
  }

  /** Events up to EOF. */
  async allEvents(): Promise<Buffer[]> {
    const events: Buffer[] = [];
    for (;;) {
      const event = await this.event();
      if (event === undefined) return events;
      events.push(event);
    }
  }
}

export class ServerError extends Error {
  readonly errno: number;

  constructor(packet: Buffer) {
    super(packet.toString('utf8', 9));
    this.errno = packet.readUInt16LE(1);
  }
}

/** MySQL's documented formulas, once more. */
export function nativeScramble(password: string, nonce: Buffer): Buffer {
  const sha1 = (...parts: Buffer[]): Buffer => createHash('sha1').update(Buffer.concat(parts)).digest();
  const once = sha1(Buffer.from(password));
  const mask = sha1(nonce, sha1(once));
  return Buffer.from(once.map((byte, i) => byte ^ (mask[i] ?? 0)));
}

export function sha2Scramble(password: string, nonce: Buffer): Buffer {
  const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
  const once = sha256(Buffer.from(password));
  const mask = sha256(sha256(once), nonce);
  return Buffer.from(once.map((byte, i) => byte ^ (mask[i] ?? 0)));
}
