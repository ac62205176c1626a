import type { Coordinates } from '../../model/coordinates.js';
import type { Account } from '../../model/settings.js';
import type { Accounts } from '../accounts.js';

/** What a cluster's servers are. `mysql97` is what Debian's unstable suite has, which may be a later 9.x by now. */
export const familyNames = ['mariadb', 'mysql97', 'mysql56'] as const;
export type FamilyName = (typeof familyNames)[number];

export type ReplicationMode = 'coordinates' | 'gtid';

export interface SourceAddress {
  readonly address: string;
  readonly port: number;
}

/** A family's programs as they are on this machine. */
export interface Programs {
  /** Words that start the server; its options come behind. */
  readonly server: readonly string[];
  /** Words that print a binary log of this family; options and files come behind. */
  readonly binlogReader: readonly string[];
  /** Words that start the client, for a replica's own socket; none where the package brings no such program. */
  readonly client?: readonly string[];
  /** Options that tell the server where its own files are. */
  readonly ownFiles: readonly string[];
}

/** What the sandbox asks of a replica, in the server's own words. */
export interface Words {
  readonly replica: 'REPLICA' | 'SLAVE';
  readonly showBinlogEnd: string;
  readonly positionWait: string;
  /** Points a replica with both threads stopped at another source; its account and the rest stay as they are. */
  readonly pointAt: (source: SourceAddress, place: Coordinates, options: { readonly tls: boolean }) => string;
  /** Opens a server again that `close` has closed. */
  readonly open: string;
  /** Closes a server for everybody who can be closed out. */
  readonly close: string;
  /** How many appliers are at work, where several may be and the replica's status does not tell. */
  readonly countBusyAppliers?: string;
}

export interface DataOrder {
  readonly folder: string;
  /** All that the new server shall know, a statement in a line. */
  readonly statements: readonly string[];
  readonly programs: Programs;
}

/** Everything that differs between one kind of server and another, as data: chosen once, asked by name nowhere else. */
export interface Family {
  readonly name: FamilyName;
  /** As a person calls it, in front of its version. */
  readonly title: string;
  /** What the system's process list shows. */
  readonly processName: string;
  /** Throws a fault that says why there are none. */
  readonly programs: () => Programs;
  /** Options that shape the files of a new data directory; the running servers must say the same. */
  readonly fileShape: readonly string[];
  /** Runs once in an empty place. */
  readonly accountStatements: (accounts: Accounts, owner: string) => readonly string[];
  readonly makeData: (order: DataOrder) => Promise<void>;
  /** What the server itself does when nothing is said: does a replica write what it applies to its own binary log? */
  readonly logsReplicaUpdates: boolean;
  /** Whether it is on with GTIDs, whatever is said. */
  readonly gtidNeedsReplicaUpdates: boolean;
  /** Lines of the option file that only this family has, or spells so. */
  readonly optionLines: (mode: ReplicationMode, logReplicaUpdates: boolean) => readonly string[];
  /** The largest value that its storage takes in the sandbox's small logs, in MiB. */
  readonly largestValue: number;
  readonly words: Words;
  /** Points a new replica at the source's first event. */
  readonly attach: (source: SourceAddress, account: Account, mode: ReplicationMode) => string;
  /** What the writer's account says to have its own statements logged as text. */
  readonly logByStatement: string;
  /** What a source says to log rows alone, where it also logs their statements as text: receivers are not sent that. */
  readonly logRowsAlone?: string;
  /** What a failover tells a replica that applies a long tail, and what puts it back. */
  readonly raisedAppliers?: { readonly begin: string; readonly end: string };
}
