import type { MysqlGtid } from '../model/gtid-mysql.js';
import { headerSize } from './header.js';
import { formatUuid } from './uuid.js';

/**
 * MySQL's tagged GTID event (42, since 8.3), in the server's own serialisation format: integers of variable length
 * whose first byte's trailing 1-bits count the bytes that follow; a head of version, size and last field id; then
 * field id and value in turn. Fields: 0 flags, 1 UUID (sixteen such integers), 2 number (signed), 3 tag.
 */
class FieldReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Undefined behind the end. */
  unsigned(): bigint | undefined {
    const first = this.#bytes[this.#at];
    if (first === undefined) return undefined;
    let more = 0;
    while (more < 8 && (first & (1 << more)) !== 0) more++;
    if (this.#at + 1 + more > this.#bytes.length) return undefined;
    let value = 0n;
    for (let i = more; i >= 1; i--) value = (value << 8n) | BigInt(this.#bytes[this.#at + i] ?? 0);
    this.#at += 1 + more;
    return more >= 7 ? value : (value << BigInt(7 - more)) | BigInt(first >> (more + 1));
  }

  /** The sign is in the lowest bit. */
  signed(): bigint | undefined {
    const raw = this.unsigned();
    if (raw === undefined) return undefined;
    return (raw & 1n) === 0n ? raw >> 1n : -((raw + 1n) >> 1n);
  }

  text(): string | undefined {
    const length = this.unsigned();
    if (length === undefined || BigInt(this.#at) + length > BigInt(this.#bytes.length)) return undefined;
    const start = this.#at;
    this.#at += Number(length);
    return this.#bytes.toString('latin1', start, this.#at);
  }

  uuid(): string | undefined {
    const raw = Buffer.alloc(16);
    for (let i = 0; i < 16; i++) {
      const byte = this.unsigned();
      if (byte === undefined || byte > 255n) return undefined;
      raw[i] = Number(byte);
    }
    return formatUuid(raw, 0);
  }
}

/** Undefined when the event is not built as described. */
export function parseTaggedGtid(event: Buffer): MysqlGtid | undefined {
  const reader = new FieldReader(event, headerSize);
  const head = [reader.unsigned(), reader.unsigned(), reader.unsigned()];
  if (head.includes(undefined)) return undefined;
  let uuid: string | undefined;
  let number: bigint | undefined;
  for (;;) {
    const id = reader.unsigned();
    if (id === 0n) {
      if (reader.unsigned() === undefined) return undefined;
    } else if (id === 1n) uuid = reader.uuid();
    else if (id === 2n) number = reader.signed();
    else if (id === 3n) {
      const tag = reader.text();
      if (tag === undefined || uuid === undefined || number === undefined) return undefined;
      return { track: tag === '' ? uuid : `${uuid}:${tag}`, number };
    } else return undefined;
  }
}
