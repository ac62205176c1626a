import type { Code } from './catalogue.js';
import type { Coordinates } from './coordinates.js';
import type { ServerId } from './settings.js';

/** Where a server stood, in the words of its own status. */
export interface Standing {
  readonly received?: Coordinates;
  readonly executed?: Coordinates;
  readonly gtid: string;
  readonly readOnly?: boolean;
}

export interface ServerOutcome {
  readonly server: ServerId;
  /**
   * `behind`: not recovered, left as `setTo` says. `levelled`: left with its former settings at its present position; it has all
   * that the new source had when it was opened, and was not to be repointed.
   */
  readonly role: 'old-source' | 'new-source' | 'recovered' | 'levelled' | 'behind' | 'untouched';
  readonly before?: Standing;
  readonly after?: Standing;
  /** For `behind`: whom it is set to follow by now. Absent where nobody could look, or where it is neither. */
  readonly setTo?: 'new-source' | 'former-source';
  /** For `behind` and `levelled`: why, and the next thing to do. */
  readonly why?: string;
  readonly next?: string;
}

export interface Rescued {
  readonly from: ServerId;
  /** `from` is a `[binlogN]` host and gave its copy of the old source's log: its block and host, `binlog1 backup7`. */
  readonly copy?: string;
  readonly kind: 'tail' | 'relay' | 'laggard';
  readonly start: Coordinates;
  readonly end: Coordinates;
  readonly bytes: number;
  readonly transactions: number;
  readonly gtids: string;
  /** Why nothing behind `end` was used. */
  readonly defect?: string;
  /** The file ends inside a transaction, as when a server is killed while it writes one. */
  readonly torn?: true;
  readonly files: readonly string[];
}

/** Everything there is to say of a finished run. The report, the JSON result and the exit code are made of it. */
export interface RunOutcome {
  readonly command: 'failover' | 'switch';
  readonly cluster: string;
  readonly run: string;
  /** 0 all done; 10 the new source is up but a replica was not recovered, or clients do not find it; 1 aborted. */
  readonly exit: 0 | 1 | 10;
  readonly oldSource: ServerId;
  readonly newSource?: ServerId;
  readonly whyChosen?: string;
  readonly unfit: readonly { readonly server: ServerId; readonly why: string }[];
  /** What proved the death, by code and in lines. Empty for a planned switch. */
  readonly evidence: { readonly code: string; readonly lines: readonly string[] };
  readonly target?: Coordinates;
  /** The new source's own place when it was opened. */
  readonly opened?: { readonly at: Coordinates; readonly gtid: string };
  readonly rescued: readonly Rescued[];
  /** What is lost or cannot be known, in sentences. Empty means: nothing that any machine held. */
  readonly losses: readonly string[];
  readonly ended: readonly { readonly connectionId: number; readonly user: string; readonly statement: string }[];
  readonly servers: readonly ServerOutcome[];
  readonly hooks: readonly { readonly hook: string; readonly outcome: string; readonly output: string }[];
  /** writer_vip: where it is; absent where none is configured. */
  readonly writerAddress?: {
    readonly address: string;
    /** The new source that it was given to. */
    readonly server?: ServerId;
    readonly oldHost?: 'removed' | 'absent' | 'silent';
    /** Somebody connected through it and found the new source, open for writes. */
    readonly verified: boolean;
  };
  readonly warnings: readonly string[];
  /** What is left to do by hand, in order. */
  readonly next: readonly string[];
  readonly refusal?: {
    readonly code: Code | 'BUG';
    readonly seen: string;
    readonly matters: string;
    readonly next: string;
  };
  /** A failover that ended before it had done anything to a server or a host. */
  readonly untouched?: true;
  readonly startedWall: number;
  readonly endedWall: number;
  readonly openedWall?: number;
}
