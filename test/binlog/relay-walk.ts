import { expect } from 'vitest';
import { fillerPieces, isAnnotationFiller } from '../../src/binlog/annotation-filler.js';
import { eventType } from '../../src/binlog/event-types.js';
import { readHeader } from '../../src/binlog/header.js';
import type { Placed } from '../../src/binlog/relay-bytes.js';
import { RelayLogWalker } from '../../src/binlog/relay-log.js';
import type { RelayRun } from '../../src/binlog/relay-run.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import { fixtureBytes, relayFixture } from './fixture.js';

export const pathOf = (name: string, number: number): string => `${name}.${String(number)}.bin`;

/** A relay log walked, and the files of the source that come of it. */
export class Walk {
  readonly walker: RelayLogWalker;
  #written: { readonly file: string; readonly position: number; readonly bytes: Buffer }[] = [];

  constructor(place: Coordinates, received?: Coordinates) {
    this.walker = new RelayLogWalker(place, received);
  }

  feed(name: string, chunks: readonly Buffer[]): this {
    this.walker.startFile(name);
    for (const chunk of chunks) for (const placed of this.walker.push(chunk)) this.#write(placed);
    this.walker.endFile();
    return this;
  }

  get run(): RelayRun {
    const { run } = this.walker;
    if (run === undefined) throw new Error('no run');
    return run;
  }

  /** What was placed in a range of one of the source's files. */
  bytes(file: string, from: number, to: number): Buffer {
    const image = Buffer.alloc(Math.max(to, ...this.#written.map(({ position, bytes }) => position + bytes.length)));
    for (const written of this.#written) if (written.file === file) written.bytes.copy(image, written.position);
    return image.subarray(from, to);
  }

  #write(placed: Placed): void {
    if (placed.kind === 'anew') this.#written = [];
    else if (placed.kind === 'bytes') this.#written.push({ ...placed, bytes: Buffer.from(placed.bytes) });
    else {
      const { file, position } = placed.filler;
      this.#written.push({
        file,
        position,
        bytes: Buffer.concat([...fillerPieces(placed.filler)].map((one) => Buffer.from(one))),
      });
    }
  }
}

/** The name that a replica gives its relay file; the end of the one before names it. */
export const nameOf = (number: number): string => `./relay.${String(number).padStart(6, '0')}`;

export type Change = (bytes: Buffer, number: number) => readonly Buffer[];

export function walkRelay(name: string, place = relayFixture(name).from, change: Change = (bytes) => [bytes]): Walk {
  const walk = new Walk(place);
  for (let number = 1; number <= relayFixture(name).relayFiles; number++) {
    walk.feed(nameOf(number), change(fixtureBytes(pathOf(name, number)), number));
  }
  return walk;
}

/**
 * Every event of the run is the one at that place of the source's own file, or fills the place of an annotation.
 * Answers how many do.
 */
export function expectSourceBytes(name: string, walk: Walk): number {
  let fillers = 0;
  for (const { file, from, to } of walk.run.parts) {
    const source = fixtureBytes(`${name}.source.${file}`);
    const found = walk.bytes(file, from, to);
    for (let at = from; at < to; at += readHeader(source, at).size) {
      const { type, size } = readHeader(source, at);
      const event = found.subarray(at - from, at - from + size);
      if (type === eventType.annotateRows && isAnnotationFiller(event)) fillers++;
      else expect(event.equals(source.subarray(at, at + size))).toBe(true);
    }
  }
  return fillers;
}
