/** Semi-synchronous replication as a server is set to it. Absent parts: the server has no such plugin. */
export interface SemiSync {
  /** Whether its variables say source and replica (MySQL 8.0.26) or master and slave. */
  readonly words: 'old' | 'new';
  readonly asSource?: {
    readonly enabled: boolean;
    readonly timeoutMs: number;
    /** AFTER_SYNC: nobody sees a transaction before a replica has received it. */
    readonly lossless: boolean;
    /** How many replicas must have received it. */
    readonly replicas: number;
    /** It waits also when too few replicas are attached. */
    readonly waitsForNobody: boolean;
    /** Whether it waits now, and how many replicas would acknowledge; asked only where it is enabled. */
    readonly status?: { readonly active: boolean; readonly clients: number };
  };
  readonly asReplica?: boolean;
}
