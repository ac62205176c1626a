import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures', 'binlog');

/** One line of SHOW BINLOG EVENTS. */
export interface ListedEvent {
  readonly type: string;
  readonly position: number;
  readonly end: number;
  readonly server: number;
  readonly info: string;
}

export interface SourceFixture {
  readonly file: string;
  readonly end: number;
  readonly events: readonly ListedEvent[];
}

export interface RelayFixture {
  readonly replica: number;
  readonly from: { readonly file: string; readonly position: number };
  readonly to: { readonly file: string; readonly position: number };
  readonly relayFiles: number;
}

const expected: unknown = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

function entry(name: string): unknown {
  return Object.entries(expected as Record<string, unknown>).find(([key]) => key === name)?.[1];
}

export function sourceFixture(name: string): SourceFixture {
  return entry(name) as SourceFixture;
}

export function relayFixture(name: string): RelayFixture {
  return entry(name) as RelayFixture;
}

export function fixtureBytes(name: string): Buffer {
  return readFileSync(join(folder, name.includes('.') ? name : `${name}.bin`));
}
