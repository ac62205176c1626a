import { describe, expect, it } from 'vitest';
import { hasGroup, unsupportedKind } from '../../src/mysql/unsupported.js';
import { parseVersion } from '../../src/mysql/version.js';

const online = [{ state: 'ONLINE' }];
const name = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';

describe('servers that are not ours to manage', () => {
  it.each([
    ['5.1.73-log', {}, undefined, 'too-old'],
    ['5.0.96', {}, undefined, 'too-old'],
    ['5.3.12-MariaDB', {}, undefined, 'too-old'],
    ['5.5.68-MariaDB', {}, undefined, 'too-old'],
    ['5.5.62-log', {}, undefined, undefined],
    ['10.0.38-MariaDB', {}, undefined, undefined],
    ['8.0.mysql_aurora.3.04.0', {}, undefined, 'aurora'],
    ['5.7.mysql_aurora.2.11.2', {}, undefined, 'aurora'],
    ['8.0.28', { aurora_version: '3.04.0' }, undefined, 'aurora'],
    ['8.0.36', {}, undefined, undefined],
    // MariaDB has the variable on every server; what counts is a provider.
    ['10.11.19-MariaDB', { wsrep_on: 'OFF', wsrep_provider: '' }, undefined, undefined],
    ['10.11.19-MariaDB', { wsrep_on: 'ON', wsrep_provider: 'none' }, undefined, undefined],
    ['10.11.19-MariaDB', { wsrep_on: 'ON', wsrep_provider: '/usr/lib/galera/libgalera_smm.so' }, undefined, 'galera'],
    ['8.0.36-28.1', { wsrep_on: 'ON', wsrep_provider: '/usr/lib/galera4/libgalera_smm.so' }, undefined, 'galera'],
    ['8.4.3', { group_replication_group_name: name }, online, 'group-replication'],
    ['8.4.3', { group_replication_group_name: name }, [{ state: 'RECOVERING' }], 'group-replication'],
    ['8.4.3', { group_replication_group_name: name }, [{ state: 'ERROR' }], 'group-replication'],
    ['8.4.3', { group_replication_group_name: name }, [{ state: 'OFFLINE' }], undefined],
    ['8.4.3', { group_replication_group_name: name }, [], undefined],
    // Whether it is a member could not be read: better refused than steered against a group.
    ['8.4.3', { group_replication_group_name: name }, undefined, 'group-replication'],
    ['8.4.3', { group_replication_group_name: '' }, undefined, undefined],
  ] as const)('%s %o %o', (text, variables, group, expected) => {
    const version = parseVersion(text);
    if (version === undefined) throw new Error(text);
    expect(unsupportedKind(version, new Map(Object.entries(variables)), group)).toBe(expected);
  });

  it('only a server with a group is asked for its state', () => {
    expect(hasGroup(new Map([['group_replication_group_name', name]]))).toBe(true);
    expect(hasGroup(new Map([['group_replication_group_name', '']]))).toBe(false);
    expect(hasGroup(new Map())).toBe(false);
  });
});
