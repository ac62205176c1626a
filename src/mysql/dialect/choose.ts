import type { ServerVersion } from '../../model/picture.js';
import type { Dialect } from '../../ports/servers.js';
import { mariadbAbilities, mariadbDialect } from './mariadb.js';
import { mysqlAbilities, mysqlDialect } from './mysql.js';

/** The dialect for a server of this version; `superReadOnly` is whether it has that variable, where it was looked at. */
export function chooseDialect(version: ServerVersion, superReadOnly?: boolean): Dialect {
  if (version.vendor === 'mariadb') return mariadbDialect(mariadbAbilities(version));
  return mysqlDialect(mysqlAbilities(version, superReadOnly));
}
