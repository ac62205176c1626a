import type { FamilyName } from '../../../src/sandbox/family/family.js';

/** What the product's account must be allowed to do, one by one. */
export type Right = 'close' | 'open' | 'lock' | 'steer replication' | 'see the binary log';

/**
 * The privileges to take away so that only this one thing fails; left out: that family has none. MySQL shows the binary
 * log's end and a replica's status by the same privilege, and super_read_only needs no lock beside it.
 */
export const rights: Readonly<Record<FamilyName, Readonly<Partial<Record<Right, string>>>>> = {
  mariadb: {
    close: 'SUPER, READ_ONLY ADMIN',
    open: 'SUPER, READ_ONLY ADMIN',
    lock: 'RELOAD',
    'steer replication': 'SUPER, REPLICATION SLAVE ADMIN',
    'see the binary log': 'SUPER, BINLOG MONITOR',
  },
  mysql97: {
    close: 'SUPER, SYSTEM_VARIABLES_ADMIN',
    open: 'SUPER, SYSTEM_VARIABLES_ADMIN',
    'steer replication': 'SUPER, REPLICATION_SLAVE_ADMIN',
  },
  mysql56: { close: 'SUPER', lock: 'RELOAD', 'steer replication': 'SUPER' },
};
