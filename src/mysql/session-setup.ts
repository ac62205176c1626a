import { type Statement, statement } from '../model/statement.js';

/**
 * What every session of ours begins with, so that a server's global settings cannot change the meaning of our statements:
 * sql_mode, since NO_BACKSLASH_ESCAPES would break the escaping of values; autocommit, so that no read keeps a transaction
 * open; the server's own time zone, in which InnoDB prints its times; no limit on how many rows may be looked at or given
 * (max_join_size, which SHOW VARIABLES meets as well, and sql_select_limit); and none on how long a wait function may take
 * (MariaDB max_statement_time, MySQL 5.7.8+ max_execution_time), since the deadline is ours.
 */
export const sessionSetup: Statement = statement(
  "SET SESSION sql_mode='', autocommit=1, time_zone='SYSTEM', wait_timeout=86400," +
    ' sql_big_selects=1, sql_select_limit=18446744073709551615' +
    ' /*M!100100 , max_statement_time=0 */ /*!50708 , max_execution_time=0 */',
);
