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
  /** MySQL: the server's UUID; the executed set before the file's last transaction was done. */
  readonly uuid?: string;
  readonly executed?: string;
}

export interface RelayFixture {
  readonly replica: number;
  readonly from: { readonly file: string; readonly position: number };
  readonly to: { readonly file: string; readonly position: number };
  readonly relayFiles: number;
}

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;
}

const expected = { ...read('expected.json'), ...read('expected-mysql.json') };

function entry(name: string): unknown {
  const found = Object.entries(expected).find(([key]) => key === name)?.[1];
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
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
