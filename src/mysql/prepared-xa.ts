import { statement } from '../model/statement.js';
import type { Row } from '../ports/servers.js';
import { text } from './rows.js';

/** MySQL 8.0 and later want XA_RECOVER_ADMIN for it. */
export const showPreparedXa = statement('XA RECOVER');

/** Its name as XA COMMIT takes it. gtrid and bqual stand one behind the other in one column. */
export function xaName(row: Row): string {
  const data = Buffer.from(text(row, 'data'), 'utf8');
  const length = Number(text(row, 'gtrid_length'));
  const [gtrid, bqual] = [data.subarray(0, length), data.subarray(length)].map((part) => `'${part.toString('utf8')}'`);
  return bqual === undefined || bqual === "''" ? (gtrid ?? '') : `${gtrid ?? ''},${bqual}`;
}
