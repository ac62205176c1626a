import type { Coordinates } from '../model/coordinates.js';
import type { Channel, ServerState } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { Addresses, HeldAddress } from '../ports/addresses.js';
import type { Clock } from '../ports/clock.js';
import type { Events } from '../ports/events.js';
import type { Fence } from '../ports/fence.js';
import type { ClusterHooks } from '../ports/hooks.js';
import type { FetchedRange, Recovery, SavedRange } from '../ports/recovery.js';
import type { Servers, Session } from '../ports/servers.js';
import type { Shells } from '../ports/shell.js';
import type { RunFolder } from '../ports/workdir.js';
import type { SourcePast } from './errant.js';
import type { Action, ActionKind, Step } from './plan.js';
import type { WriteBlock } from './write-block.js';

/** The outside world as a run sees it. */
export interface RunPorts {
  readonly clock: Clock;
  readonly servers: Servers;
  readonly recovery: Recovery;
  readonly fence: Fence;
  readonly shells: Shells;
  readonly hooks: ClusterHooks;
  readonly addresses: Addresses;
  readonly events: Events;
  readonly folder: RunFolder;
}

/** What a replica was like before we touched it: the undo record, written and synced before the first change. */
export interface Former {
  readonly server: ServerId;
  readonly state: ServerState;
  readonly channel: Channel;
}

export interface Opened {
  readonly server: ServerId;
  /** Where its own binary log ended while it was still closed: where the others go on. */
  readonly at: Coordinates;
  readonly gtid: string;
  readonly wall: number;
}

/** What steps have found out so far. Only steps write here; a later step reads what an earlier one it needs has left. */
export interface RunFacts {
  readonly former: Map<ServerId, Former>;
  /** Executed coordinates after the applier was drained; absent where they are not known. */
  readonly executed: Map<ServerId, Coordinates>;
  /** GTIDs executed after the applier was drained, of replicas whose coordinates are not known. */
  readonly heldGtids: Map<ServerId, string>;
  /** The replica that is to become the source. */
  chosen?: ServerId;
  /** Relay logs that were linked aside on the newest replica's host, so that our own statements cannot remove them. */
  aside?: { readonly server: ServerId; readonly directory: string; readonly base: string; readonly index: string };
  /** Directories that were begun for that, also those of an earlier plan and of a try that was broken off. */
  readonly asideOn: Map<ServerId, string>;
  readonly listening: Map<ServerId, { readonly host: string; readonly port: number }>;
  /** The replica that has received most, and the disk's newest file and size when the run began. */
  newest?: ServerId;
  diskEnd?: Coordinates;
  sshReachable: boolean;
  /** What was fetched before the site was asked to cut the power. */
  earlyTail?: FetchedRange;
  /** The fetch of the tail while it runs: what each log gave. */
  tail?: Promise<readonly FetchedRange[]>;
  /** Where serving may begin; ranges for laggards move it back. */
  servedFrom?: Coordinates;
  /** The end of what the recovery source has to give. */
  servedTo?: Coordinates;
  /** The place every server is levelled to: the end of everything that could be rescued. */
  target?: Coordinates;
  readonly saved: {
    readonly from: ServerId;
    readonly kind: 'tail' | 'relay' | 'laggard';
    /** It came from a `[binlogN]` host's copy: its block and host. */
    readonly copy?: string;
    readonly range: SavedRange;
  }[];
  recorded?: { readonly at: Coordinates; readonly gtid: string };
  opened?: Opened;
  /** Replicas that apply in parallel for the time of this run only. */
  readonly raised: Set<ServerId>;
  /** Replicas proven to follow the new source. */
  readonly following: Set<ServerId>;
  lock?: Session;
  /** A planned switch: where the old source's binary log ended under the lock. */
  sourceEnd?: { readonly at: Coordinates; readonly gtid: string };
  /** The operator allowed to end transactions that do not end by themselves. */
  endTransactions: boolean;
  oldSourceWasReadOnly: boolean;
  /** A planned switch: whom the old source itself follows. */
  oldSourceChannels: readonly Channel[];
  /** A planned switch: the old source becomes a replica of the new one. */
  oldSourceStays: boolean;
  /** Transactions ended to let a planned switch go on. */
  readonly ended: { readonly connectionId: number; readonly user: string; readonly statement: string }[];
  /**
   * The writer's address is not on the old source's host any more: taken away, never there, or (no shell there) nothing
   * answers at that host's addresses.
   */
  addressReleased?: 'removed' | 'absent' | 'silent';
  /** How the old source's host had it. */
  addressHeld?: HeldAddress;
  /** The host to which this run gave it. */
  addressAt?: ServerId;
  readonly hookResults: { readonly hook: string; readonly outcome: string; readonly output: string }[];
}

export function noFacts(): RunFacts {
  return {
    sshReachable: false,
    endTransactions: false,
    oldSourceWasReadOnly: false,
    oldSourceChannels: [],
    oldSourceStays: false,
    former: new Map(),
    raised: new Set(),
    following: new Set(),
    executed: new Map(),
    heldGtids: new Map(),
    asideOn: new Map(),
    listening: new Map(),
    saved: [],
    ended: [],
    hookResults: [],
  };
}

/** Everything a hand may use. */
export interface World extends RunPorts {
  readonly settings: ClusterSettings;
  readonly source: SourceInQuestion;
  readonly facts: RunFacts;
  /** A planned switch: how long clients may be kept from writing. */
  readonly writeBlock?: WriteBlock;
  /** Says how far a long step is. */
  readonly progress: (text: string, done?: number, total?: number) => void;
  readonly signal: AbortSignal;
}

/** What showing a step needs. */
export type Sight = Pick<World, 'settings' | 'servers' | 'source' | 'facts' | 'addresses'>;

/** What changing a server needs: enough for undoing, when there is no run to speak of. */
export type Bench = Pick<World, 'servers' | 'clock' | 'settings' | 'facts' | 'signal' | 'progress'>;

/** The source that died or is to be replaced, as it was last seen. */
export interface SourceInQuestion {
  readonly id: ServerId;
  readonly serverId: number;
  readonly serverUuid?: string;
  readonly gtidMode: string;
  readonly domainId: number;
  /** What it had when it was last seen; undefined when nobody has seen it. */
  readonly past?: SourcePast;
  /** Directory and base name of its binary logs; undefined when nobody could tell. */
  readonly binlogBase?: string;
}

/** How a kind of step is done. Every verb may be run twice: the second time finds the work done. */
export interface Hand<K extends ActionKind> {
  readonly title: (step: Of<K>) => string;
  /** Milliseconds after which the step is aborted and counted as failed; waits that look at progress give Infinity. */
  readonly deadlineMs: number;
  /** It looks and waits, and changes nothing: it need not wait until the journal is on disk. */
  readonly onlyLooks?: true;
  /** What a later command must be able to tell, should this one be killed in the middle of the step. */
  remember?(step: Of<K>, world: World): string | undefined;
  already?(step: Of<K>, world: World): Promise<boolean>;
  perform(step: Of<K>, world: World): Promise<void>;
  /** Looks at the servers and throws when what was wanted is not so. */
  verify?(step: Of<K>, world: World): Promise<void>;
  /** Puts back what was before. Absent: nothing to put back, or it cannot be. */
  undo?(step: Of<K>, world: World): Promise<void>;
  /** A lease: gives back what `perform` took, once every step that needs it has ended. */
  release?(step: Of<K>, world: World): Promise<void>;
  /** The SQL and commands, for the dry run. */
  show(step: Of<K>, world: Sight): readonly string[];
}

export type Of<K extends ActionKind> = Step & Extract<Action, { do: K }>;

export type Hands = { readonly [K in ActionKind]: Hand<K> };

/** Hands are typed by kind; a step carries its kind, so this pairing is safe where the compiler cannot follow. */
export function handFor(hands: Hands, step: Step): Hand<ActionKind> {
  return hands[step.do] as unknown as Hand<ActionKind>;
}
