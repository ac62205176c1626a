import type { Row } from '../ports/servers.js';

/** The driver's result as plain rows; a statement without a result set gives none. */
export function toRows(result: unknown): readonly Row[] {
  if (!Array.isArray(result)) return [];
  return result.map((row: unknown) => (isObject(row) ? toRow(row) : {}));
}

function toRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The first of these columns that the row has, as text; empty when it has none or the value is NULL. */
export function text(row: Row, ...names: readonly string[]): string {
  return optionalText(row, ...names) ?? '';
}

/** The same, but undefined when the row has none of them or the value is NULL. */
export function optionalText(row: Row, ...names: readonly string[]): string | undefined {
  const value = names.map((name) => row[name]).find((found) => found !== undefined);
  return value === undefined || value === null ? undefined : String(value);
}

/** The same as a number; undefined when it is absent, NULL, empty or no number. */
export function optionalNumber(row: Row, ...names: readonly string[]): number | undefined {
  const found = optionalText(row, ...names);
  if (found === undefined || found === '') return undefined;
  const value = Number(found);
  return Number.isFinite(value) ? value : undefined;
}
