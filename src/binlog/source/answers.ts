/** Answers of the text protocol: OK, ERR, EOF and small result sets, as packet bodies. */
const utf8 = 33;
const autocommit = 2;

export function okPacket(): Buffer {
  return Buffer.of(0x00, 0, 0, autocommit, 0, 0, 0);
}

export function eofPacket(): Buffer {
  return Buffer.of(0xfe, 0, 0, autocommit, 0);
}

/** `state` is the five-character SQLSTATE. Replicas show the text of error 1236 word for word in their status. */
export function errorPacket(errno: number, text: string, state = 'HY000'): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(0xff, 0);
  head.writeUInt16LE(errno, 1);
  return Buffer.concat([head, Buffer.from(`#${state}${text}`, 'utf8')]);
}

/** A result set's packets in order: column count, columns, EOF, rows, EOF. */
export function resultSet(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): Buffer[] {
  return [
    Buffer.of(columns.length),
    ...columns.map(columnDefinition),
    eofPacket(),
    ...rows.map((row) => Buffer.concat(row.map((value) => (value === null ? Buffer.of(0xfb) : lengthEncoded(value))))),
    eofPacket(),
  ];
}

function columnDefinition(name: string): Buffer {
  const fixed = Buffer.alloc(13);
  fixed.writeUInt8(12, 0);
  fixed.writeUInt16LE(utf8, 1);
  fixed.writeUInt32LE(1024, 3);
  fixed.writeUInt8(0xfd, 7); // VAR_STRING: every value goes out as text
  return Buffer.concat([...['def', '', '', '', name, name].map(lengthEncoded), fixed]);
}

function lengthEncoded(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length < 251) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const head = Buffer.of(0xfc, 0, 0);
  head.writeUInt16LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
