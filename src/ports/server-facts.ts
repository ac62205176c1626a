import type { ServerId } from '../model/settings.js';
import type { AskOptions } from './servers.js';

/** A fact, or why it could not be had. */
export type Known<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly reason: string };

export interface UserAtHost {
  readonly user: string;
  readonly host: string;
}

export interface ScheduledEvent {
  /** `schema.name`. */
  readonly name: string;
  /** `disabled-on-replica`: came from a source and stays off here, also after a promotion. */
  readonly status: 'enabled' | 'disabled' | 'disabled-on-replica';
}

/** What the checks before a failover want to know beyond the picture. Each is asked for by itself: one may be forbidden. */
export interface ServerFacts {
  /** `schema.table` of every table outside the system schemas whose engine has no transactions. */
  readonly nonTransactionalTables: Known<readonly string[]>;
  readonly events: Known<readonly ScheduledEvent[]>;
  /** Accounts with REPLICATION SLAVE, as far as ours may see them. */
  readonly replicationAccounts: Known<readonly UserAtHost[]>;
  /** Accounts that can write in spite of read_only (SUPER, READ_ONLY ADMIN, CONNECTION_ADMIN). */
  readonly readOnlyBypassers: Known<readonly UserAtHost[]>;
  /** The transactions that its binary log does not reach back to. */
  readonly binlogBeginning: Known<string | undefined>;
  /** XA transactions that are prepared and neither committed nor rolled back, by their names. */
  readonly preparedXa: Known<readonly string[]>;
  /** Connections that fetch this server's binary log now. */
  readonly dumps: Known<readonly UserAtHost[]>;
}

/** Reads them. Never rejects for a server. */
export type ReadServerFacts = (id: ServerId, options: AskOptions) => Promise<ServerFacts>;
