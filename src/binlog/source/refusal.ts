import { type Coordinates, formatCoordinates } from '../../model/coordinates.js';

/** A refusal for the replica: its receiver stops at once and shows the text as its last error. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errno: number;

  constructor(errno: number, text: string) {
    super(text);
    this.errno = errno;
  }
}

const accessDenied = 1045;
/** ER_MASTER_FATAL_ERROR_READING_BINLOG: the one code after which no replica tries again by itself. */
const fatalReading = 1236;

const fatal = (text: string): Refusal => new Refusal(fatalReading, `mha-ts recovery source: ${text}`);

export const refusals = {
  wrongPassword: (user: string) => new Refusal(accessDenied, `Access denied for user '${user}' (using password: YES)`),
  wrongReplica: (what: string, expected: string, got: string) =>
    fatal(`this listener serves the replica with ${what} ${expected}, not ${got}`),
  noChecksums: () => fatal('the replica does not understand event checksums'),
  unreadableState: (what: string) => fatal(`the replica's ${what} is not understood`),
  notHeld: (place: Coordinates | undefined) =>
    place === undefined
      ? refusals.nothingHeld()
      : fatal(`${formatCoordinates(place)} is not among the bytes that were rescued`),
  nothingHeld: () => fatal('nothing was rescued that could be served'),
  noDescription: (file: string) => fatal(`the format description of ${file} is not known`),
  notAnEvent: (place: Coordinates) => fatal(`no event starts at ${formatCoordinates(place)}`),
  damaged: (place: Coordinates, what: string) => fatal(`cannot read the event at ${formatCoordinates(place)}: ${what}`),
  gtidNotHeld: (gtid: string, why: string) => fatal(`cannot start behind GTID ${gtid}: ${why}`),
  gtidsMissing: (missing: string) => fatal(`the replica lacks GTIDs that come before the rescued bytes: ${missing}`),
  insideTransaction: (place: Coordinates) =>
    fatal(`the rescued bytes begin inside a transaction at ${formatCoordinates(place)}; its GTID is not known`),
  encrypted: (place: Coordinates) => fatal(`the events behind ${formatCoordinates(place)} are encrypted`),
};
