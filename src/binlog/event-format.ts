import type { ChecksumAlgorithm } from './checksum.js';
import { type Description, isSoundDescription, parseDescription } from './description.js';
import { eventType } from './event-types.js';
import { binlogMagic, encryptedMagic, eventFlag, type EventHeader } from './header.js';

/** Why bytes are not followed. */
export interface FormatProblem {
  readonly kind: 'encrypted' | 'not-a-binlog' | 'unreadable' | 'checksum';
  readonly text: string;
}

/** The server itself sends its log in clear, so what is lost to a reader of the file is not lost with it. */
export function encryptedBy(option: string): string {
  return `the file is encrypted (${option}) and its key is on its server only; once that server runs again, closed to writers, mysqlbinlog --read-from-remote-server gets these events from it in clear`;
}

/**
 * Whether what comes behind this event is cipher text. A MariaDB that encrypts sends its log in clear, and the event in it
 * as ignorable (seen on 10.11): so it stands in what a binlog server has received.
 */
export function beginsCipher({ type, flags }: Pick<EventHeader, 'type' | 'flags'>): boolean {
  return type === eventType.startEncryption && (flags & eventFlag.ignorable) === 0;
}

/** What a file's first bytes say against it. */
export function magicProblem(bytes: Buffer): FormatProblem | undefined {
  if (bytes.equals(binlogMagic)) return undefined;
  if (bytes.equals(encryptedMagic)) {
    return { kind: 'encrypted', text: encryptedBy('binlog_encryption') };
  }
  const text = `the file begins with ${bytes.toString('hex')}, not with ${binlogMagic.toString('hex')}`;
  return { kind: 'not-a-binlog', text };
}

/** How the events are to be read. Each description rules what comes behind it: relay logs change theirs on the way. */
export class EventFormat {
  #checksum: ChecksumAlgorithm;
  #description: Description | undefined;

  constructor(checksum: ChecksumAlgorithm) {
    this.#checksum = checksum;
  }

  get checksum(): ChecksumAlgorithm {
    return this.#checksum;
  }

  get description(): Description | undefined {
    return this.#description;
  }

  follow(event: Buffer): FormatProblem | undefined {
    const description = parseDescription(event);
    if (description === undefined) {
      return { kind: 'unreadable', text: 'the format description is of a kind that is not known here' };
    }
    if (!isSoundDescription(event, description)) {
      return { kind: 'checksum', text: "the format description's checksum is wrong" };
    }
    this.#description = description;
    this.#checksum = description.checksum;
    return undefined;
  }
}
