import type { Coordinates } from '../model/coordinates.js';

/**
 * A run of bytes of the dead source's binary log that is proven whole, and where they are kept. Position `from` of
 * the source's file is at byte `offset` of `path`. `to` grows while the fetch goes on; it is always behind a whole
 * transaction (or behind a harmless event outside of one), so whoever serves up to `to` never serves half of one.
 */
export interface Extent {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly path: string;
  readonly offset: number;
}

/**
 * What the recovery source may serve: extents joined into one stream of events under the dead source's names.
 * The one value that ties fetching to serving: nobody reads behind an extent's `to`.
 */
export interface ServedLog {
  /** The extent that holds the event starting at this place, or whose end is this place. The longest one wins. */
  extentAt(place: Coordinates): Extent | undefined;
  /**
   * The place where the stream goes on when everything up to `place` was sent: itself while its extent has more,
   * else the same place in a joined extent, or the start of the next file once the present one is known to be complete.
   * Undefined: nothing more yet (or never).
   */
  continueAt(place: Coordinates): Coordinates | undefined;
  /** The file's format description event (bytes with checksum as stored, in-use flag as stored). */
  description(file: string): Buffer | undefined;
  /** The earliest place held; where a replica that asks by GTID is served from. */
  start(): Coordinates | undefined;
  /** Calls the listener each time something more may be served. Returns how to stop. */
  onGrowth(listener: () => void): () => void;
}
