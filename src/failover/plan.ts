/**
 * Room `failover`: deciding (pure) and acting (through ports) for a dead source, a planned switch and what they share.
 * It may import `model` and `ports`. Invariant: what decides reads only values it was given; what acts is a step that
 * the journal knows before the world does.
 */
import type { Coordinates } from '../model/coordinates.js';
import type { ServerId } from '../model/settings.js';
import type { Phase } from '../ports/events.js';
import type { SourceLog } from '../ports/recovery.js';

/** What the failure of a step means for the rest. */
export type OnFailure =
  /** Nothing may go on: undo what can be undone, exit 1. */
  | 'abort'
  /** What the plan stood on is not so (the chosen one is unfit, the tail is short): observe again, plan again. */
  | 'replan'
  /** Only this server is left behind, listed, exit 10. */
  | 'give-up-server'
  /** Said in the report, changes nothing. */
  | 'note';

/** A replica with the channel by which it follows the source in question. */
export interface Member {
  readonly server: ServerId;
  readonly channel: string;
}

/** What is to be done, as data. Hands (see `steps/`) know how. */
export type Action =
  | { readonly do: 'keep-relay-logs' }
  | { readonly do: 'restore-relay-purge' }
  | { readonly do: 'close-for-writes' }
  | { readonly do: 'stop-receiver'; readonly channel: string }
  | { readonly do: 'set-aside-relay'; readonly channel: string }
  | { readonly do: 'drain-applier'; readonly channel: string; readonly thenStop: boolean }
  | { readonly do: 'save-early-tail' }
  /** From the logs in this order: what one does not give comes from the next. */
  | { readonly do: 'save-tail'; readonly logs: readonly SourceLog[] }
  /** `covers`: what the newest replica has received, where the log is known to go on to there or beyond. */
  | { readonly do: 'complete-tail'; readonly covers?: Coordinates }
  | {
      readonly do: 'save-laggard-range';
      readonly logs: readonly SourceLog[];
      readonly member: Member;
      readonly from?: Coordinates;
    }
  /** `whole`: nothing else gives the chosen one what that replica has, so all of it must be in there. */
  | { readonly do: 'save-relay'; readonly from?: Coordinates; readonly whole?: true }
  | { readonly do: 'serve' }
  | { readonly do: 'raise-appliers' }
  | { readonly do: 'restore-appliers' }
  | { readonly do: 'point-to-recovery'; readonly channel: string }
  /** `asMuchAs`: who has received more than anything that is served gives; what that one has executed must be there too. */
  | { readonly do: 'reach-target'; readonly channel: string; readonly asMuchAs?: ServerId }
  | { readonly do: 'stop-replication'; readonly channel: string }
  | { readonly do: 'record-position' }
  | { readonly do: 'look-again' }
  /** `stayClosed`: the operator, or a script of the site, opens it. */
  | { readonly do: 'open-for-writes'; readonly stayClosed?: true }
  | { readonly do: 'repoint'; readonly channel: string; readonly to: ServerId }
  | { readonly do: 'catch-up-by-gtid'; readonly channel: string }
  | { readonly do: 'arm-semi-sync' }
  | { readonly do: 'settle-semi-sync' }
  | { readonly do: 'receive-target'; readonly channel: string }
  | { readonly do: 'move-receiver'; readonly channel: string; readonly to: ServerId }
  | { readonly do: 'repoint-delayed'; readonly channel: string; readonly to: ServerId }
  | { readonly do: 'forget-source'; readonly channel: string }
  | { readonly do: 'hook'; readonly hook: 'ip-stop' | 'shutdown' | 'ip-start' | 'online-stop' | 'online-start' }
  /** The writer's address (writer_vip): away from the old source's host, to the new one's, told to the neighbours, tried. */
  | { readonly do: 'release-address' }
  | { readonly do: 'take-address' }
  | { readonly do: 'announce-address' }
  | { readonly do: 'verify-address' }
  | { readonly do: 'drain-transactions' }
  | { readonly do: 'come-near'; readonly channel: string; readonly source: ServerId }
  /** Without the lock only read_only; without the flush, what makes that lock quick is not done beforehand. */
  | { readonly do: 'stop-writes'; readonly lock?: false; readonly flush?: false }
  | { readonly do: 'attach-old-source'; readonly to: ServerId }
  | { readonly do: 'unlock-writes' }
  /** The old source's channel to the one that takes over, where each follows the other. */
  | { readonly do: 'pause-following'; readonly channel: string }
  | { readonly do: 'resume-following'; readonly channel: string };

export type ActionKind = Action['do'];

/** One node of a plan's graph. */
export type Step = Action & {
  /** Stable in a run: `<action>:<server>`. */
  readonly id: string;
  readonly phase: Phase;
  readonly server: ServerId;
  /** Steps that must have succeeded before. */
  readonly needs: readonly string[];
  /** Steps that must have ended before, whatever came of them. */
  readonly after: readonly string[];
  readonly onFailure: OnFailure;
};

export interface Plan {
  readonly name: 'freeze' | 'shutdown' | 'recover' | 'switch';
  readonly steps: readonly Step[];
}

interface Details {
  readonly phase: Phase;
  readonly server: ServerId;
  readonly needs?: readonly string[];
  readonly after?: readonly string[];
  readonly onFailure: OnFailure;
}

export function stepId(kind: ActionKind, server: ServerId, suffix?: string): string {
  return suffix === undefined ? `${kind}:${server}` : `${kind}:${server}:${suffix}`;
}

/** Makes a step; its id comes from what it does and where. */
export function step(action: Action, details: Details): Step {
  const suffix =
    action.do === 'hook' ? action.hook : action.do === 'save-laggard-range' ? action.member.server : undefined;
  return {
    ...action,
    id: stepId(action.do, details.server, suffix),
    phase: details.phase,
    server: details.server,
    needs: details.needs ?? [],
    after: details.after ?? [],
    onFailure: details.onFailure,
  };
}
