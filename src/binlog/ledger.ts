import { compareCoordinates, compareFiles, type Coordinates, firstPosition } from '../model/coordinates.js';
import type { Extent, ServedLog } from './served-log.js';

/** An extent as its writer knows it. */
export interface HeldExtent extends Extent {
  /**
   * Nothing that a replica needs lies in front of it in its file, so a stream may come here from the file before.
   * Taken as true where `from` is the file's first position.
   */
  readonly startsFile?: boolean;
}

/**
 * What is held of the dead source's binary log, from fetches and from relay logs:
 *
 *     ledger.describe(file, description)      the file's format description, before its first extent
 *     ledger.grow(extent)                     a new extent, or a known one (same file, from, path) with a greater `to`
 *     ledger.complete(file, end, next)        nothing comes behind `end` in this file; `next` follows it
 *
 * Writers call `grow` only with ends that are proven whole; all pieces of one transaction are given at once
 * (`growAll`) when it lies in several. Readers use it as a ServedLog. Invariant: what was once served stays held.
 */
export class Ledger implements ServedLog {
  readonly #extents = new Map<string, HeldExtent[]>();
  readonly #descriptions = new Map<string, Buffer>();
  /** By file and end: a relay log may end a file before a STOP event that it does not store. */
  readonly #ends = new Map<string, Map<number, string>>();
  readonly #listeners = new Set<() => void>();

  /** The first description of a file stays: one from the file itself and one from a relay log say the same. */
  describe(file: string, description: Buffer): void {
    if (!this.#descriptions.has(file)) this.#descriptions.set(file, Buffer.from(description));
  }

  grow(extent: HeldExtent): void {
    this.growAll([extent]);
  }

  /** Adds or lengthens several extents, then tells the listeners once. Empty ones and shorter ones change nothing. */
  growAll(extents: Iterable<HeldExtent>): void {
    let grown = false;
    for (const extent of extents) grown = this.#put(extent) || grown;
    if (grown) this.#tell();
  }

  #put(extent: HeldExtent): boolean {
    if (extent.to <= extent.from) return false;
    const held = this.#extents.get(extent.file) ?? [];
    this.#extents.set(extent.file, held);
    const known = held.findIndex((other) => other.from === extent.from && other.path === extent.path);
    const before = held[known];
    if (before === undefined) held.push(extent);
    else if (extent.to > before.to) held[known] = extent;
    else return false;
    return true;
  }

  /** Marks where a file ends, so that its stream goes on in the next one. */
  complete(file: string, end: number, next: string): void {
    const ends = this.#ends.get(file) ?? new Map<number, string>();
    this.#ends.set(file, ends.set(end, next));
    this.#tell();
  }

  extentAt(place: Coordinates): Extent | undefined {
    let best: HeldExtent | undefined;
    for (const extent of this.#extents.get(place.file) ?? []) {
      if (place.position < extent.from || place.position > extent.to) continue;
      if (best === undefined || extent.to > best.to) best = extent;
    }
    return best;
  }

  continueAt(place: Coordinates): Coordinates | undefined {
    let at = place;
    // A complete file without extents behind `at` is passed over; the walk ends since file names only go forward.
    for (;;) {
      const extent = this.extentAt(at);
      if (extent !== undefined && extent.to > at.position) return at;
      const next = this.#ends.get(at.file)?.get(at.position);
      if (next === undefined || compareFiles(next, at.file) <= 0) return undefined;
      const entry = this.#entryOf(next);
      if (entry === undefined) return undefined;
      at = entry;
    }
  }

  /** Where a stream that comes from the file before enters this one. */
  #entryOf(file: string): Coordinates | undefined {
    const starts = (this.#extents.get(file) ?? []).filter(
      (extent) => extent.startsFile === true || extent.from === firstPosition,
    );
    const position = starts.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
    return Number.isFinite(position) ? { file, position } : undefined;
  }

  description(file: string): Buffer | undefined {
    return this.#descriptions.get(file);
  }

  start(): Coordinates | undefined {
    let first: Coordinates | undefined;
    for (const [file, extents] of this.#extents) {
      for (const { from } of extents) {
        const place = { file, position: from };
        if (first === undefined || compareCoordinates(place, first) < 0) first = place;
      }
    }
    return first;
  }

  /** The furthest place that a stream from `place` can reach now. */
  reachFrom(place: Coordinates): Coordinates {
    let at = place;
    for (;;) {
      const next = this.continueAt(at);
      const extent = next === undefined ? undefined : this.extentAt(next);
      if (extent === undefined) return at;
      at = { file: extent.file, position: extent.to };
    }
  }

  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
