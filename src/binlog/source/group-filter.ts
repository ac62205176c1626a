import type { Coordinates } from '../../model/coordinates.js';

/**
 * Decides, event by event and in the order of the log, what a replica that asks by GTID must not get again. It sees
 * GTID events whole; of other events perhaps only the first bytes. It throws a Refusal when the replica's state does
 * not fit the bytes that are held.
 */
export interface GroupFilter {
  sends(type: number, event: Buffer, at: Coordinates): boolean;
  /** Called when everything held was gone through and no more will come: is the replica's state within it? */
  finish(): void;
}

/** By coordinates a replica gets everything from its place on. */
export const everything: GroupFilter = { sends: () => true, finish: () => undefined };
