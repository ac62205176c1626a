/**
 * Packets of the client/server protocol: a 3-byte length, a sequence number, a body. A body of 0xffffff bytes or more
 * goes out in pieces of exactly that size, and the last piece is always shorter - perhaps empty.
 */
export const largestPiece = 0xffffff;
export const packetHeaderSize = 4;

/** Writes one packet header and returns the sequence number of the next packet: it wraps at 256. */
export function writePacketHeader(target: Buffer, at: number, length: number, sequence: number): number {
  target.writeUIntLE(length, at, 3);
  target[at + 3] = sequence;
  return (sequence + 1) & 0xff;
}

/** How many packets a body of this many bytes takes. */
export function pieceCount(bodyLength: number): number {
  return Math.floor(bodyLength / largestPiece) + 1;
}

/** One body as the bytes of its packets. For answers; events of the dump go through the packer. */
export function framePacket(body: Buffer, sequence: number): Buffer {
  const pieces = pieceCount(body.length);
  const framed = Buffer.allocUnsafe(body.length + pieces * packetHeaderSize);
  let next = sequence;
  let at = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const from = piece * largestPiece;
    const length = Math.min(body.length - from, largestPiece);
    next = writePacketHeader(framed, at, length, next);
    body.copy(framed, at + packetHeaderSize, from, from + length);
    at += packetHeaderSize + length;
  }
  return framed;
}
