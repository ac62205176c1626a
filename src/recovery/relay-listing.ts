import { RelayEvents } from '../binlog/relay-events.js';
import { compareCoordinates, type Coordinates } from '../model/coordinates.js';

/** A relay file as the replica's index names it. */
export interface RelayFile {
  readonly name: string;
  readonly size: number;
  /** The first of the source's events in it; undefined when its head does not show one, or not of which file. */
  readonly begins?: Coordinates;
}

export function parseRelayLine(line: string): RelayFile | undefined {
  const match = /^(\d+) (.+)$/.exec(line);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { name: match[2], size: Number(match[1]) };
}

/** Where a relay file begins in the source's log, as far as its head tells. */
export function beginningOf(head: Buffer, received?: Coordinates): Coordinates | undefined {
  const places: Coordinates[] = [];
  const note = ({ at }: { readonly at: Coordinates }): unknown => places.length > 0 || places.push(at);
  const ignore = (): undefined => undefined;
  const rest = { onHead: ignore, onConnect: ignore, onNextFile: ignore };
  const events = new RelayEvents({ ...rest, onEvent: note, onLong: note, onDoubt: () => places.pop() }, received);
  events.startFile('');
  events.push(head);
  return places[0];
}

/**
 * The files to copy, oldest first: from the newest back to the first that begins at or before the place. A file whose
 * head shows no event of the source belongs to what comes behind it. When none reaches back so far, all of them.
 */
export function filesSince(files: readonly RelayFile[], place: Coordinates): readonly RelayFile[] {
  const covering = files.findLastIndex(({ begins }) => begins !== undefined && compareCoordinates(begins, place) <= 0);
  return files.slice(Math.max(covering, 0)).filter(({ size }) => size > 0);
}
