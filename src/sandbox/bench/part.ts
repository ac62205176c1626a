import type { FamilyName } from '../family/family.js';

/** One number that is measured again and again. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  /** What is promised: the median is not above it. */
  readonly atMost?: number;
  /** What is promised the other way round: the median is not below it. */
  readonly atLeast?: number;
  /** How others did, measured the same way; words for the table. */
  readonly others?: string;
  readonly values: readonly number[];
}

/** What one run gives: a value for each figure, by its key. */
export type Sample = Readonly<Record<string, number>>;

export type Shape = Readonly<Record<string, Omit<Figure, 'values'>>>;

/** A part of the benchmark. It leaves nothing behind, and its runs know nothing of each other. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** How it is measured, for the page. */
  readonly method: string;
  readonly runs: number;
  /** What its servers are; left out: `mariadb`. */
  readonly family?: FamilyName;
  readonly figures: Shape;
  run(): Promise<Sample>;
}

export function figuresOf(part: Part, samples: readonly Sample[]): readonly Figure[] {
  return Object.entries(part.figures).map(([key, figure]) => ({
    ...figure,
    values: samples.flatMap((sample) => (sample[key] === undefined ? [] : [sample[key]])),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

export function isMissed({ atMost, atLeast, values }: Figure): boolean {
  const middle = median(values);
  return (atMost !== undefined && !(middle <= atMost)) || (atLeast !== undefined && !(middle >= atLeast));
}
