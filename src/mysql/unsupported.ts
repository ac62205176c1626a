import type { ServerVersion, Unsupported } from '../model/picture.js';
import { type Statement, statement } from '../model/statement.js';
import type { Row } from '../ports/servers.js';
import { text } from './rows.js';
import { isOn, type Variables } from './variables.js';
import { isAtLeast } from './version.js';

/** A server without the statements that its state is read by: MySQL before 5.5, MariaDB before 10.0. */
export function isTooOld(version: ServerVersion): boolean {
  return version.vendor === 'mariadb' ? !isAtLeast(version, 10, 0) : !isAtLeast(version, 5, 5);
}

/** Asked only of a server on which a group is configured. A member that has left or was never started is like any other. */
export const selectGroupState: Statement = statement(
  'SELECT MEMBER_STATE AS state FROM performance_schema.replication_group_members WHERE MEMBER_ID=@@GLOBAL.server_uuid',
);

export function hasGroup(variables: Variables): boolean {
  return (variables.get('group_replication_group_name') ?? '') !== '';
}

/**
 * What kind of server this is, if it is one whose replication is not ours to change.
 * @param group rows of `selectGroupState`, where it was asked; undefined when it could not be
 */
export function unsupportedKind(
  version: ServerVersion,
  variables: Variables,
  group: readonly Row[] | undefined,
): Unsupported | undefined {
  if (isTooOld(version)) return 'too-old';
  if (variables.has('aurora_version') || /aurora/i.test(version.text)) return 'aurora';
  const provider = variables.get('wsrep_provider') ?? '';
  if (isOn(variables.get('wsrep_on')) && provider !== '' && provider !== 'none') return 'galera';
  if (!hasGroup(variables)) return undefined;
  const isApart = group?.every((row) => text(row, 'state') === 'OFFLINE');
  return isApart === true ? undefined : 'group-replication';
}
