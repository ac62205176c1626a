import { Fault } from '../model/fault.js';
import type { ServerVersion } from '../model/picture.js';
import type { Dialect } from '../ports/servers.js';
import { chooseDialect } from './dialect/choose.js';
import type { Variables } from './variables.js';
import { parseVersion } from './version.js';

/** What has to be known of a server before it can be spoken to. */
export interface Identity {
  readonly version: ServerVersion;
  readonly dialect: Dialect;
}

/** Throws SQL_VERSION_UNKNOWN for a version text without numbers. */
export function identify(server: string, variables: Variables): Identity {
  const text = variables.get('version') ?? '';
  // Only MariaDB has domains, and its version text may have been replaced with anything.
  const version = parseVersion(text, variables.has('gtid_domain_id') ? 'mariadb' : undefined);
  if (version === undefined) throw new Fault('SQL_VERSION_UNKNOWN', { server, version: text });
  return { version, dialect: chooseDialect(version, variables.has('super_read_only')) };
}
