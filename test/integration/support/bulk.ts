/** Statements that fill `table (id, body)` with a row of random text for each number, each of so many MiB; any family takes them. */
export function bulkRows(table: string, first: number, last: number, mebibytes = 1): string {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  // UUID is there without what MySQL 9.6 moved into a component (MD5), and gives 36 characters each time.
  const times = Math.ceil((mebibytes * 1024 * 1024) / 36);
  return `INSERT INTO ${table} VALUES ${ids.map((id) => `(${String(id)}, REPEAT(UUID(), ${String(times)}))`).join(', ')}`;
}
