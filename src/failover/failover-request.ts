import type { Picture } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { RunPorts, SourceInQuestion, World } from './hand.js';
import type { Story } from './outcome.js';
import type { Member } from './plan.js';
import type { FailoverWishes } from './wishes.js';

export interface FailoverRequest {
  readonly settings: ClusterSettings;
  readonly source: SourceInQuestion;
  /** The replicas of the dead source, with the channel by which each follows it. */
  readonly members: readonly Member[];
  /** The replicas as they were seen when the members were derived, a moment ago. */
  readonly picture: Picture;
  readonly evidence: { readonly code: string; readonly lines: readonly string[] };
  /** What the health loop found to keep the source down: a shell on its host, the site's shutdown_script, or nothing. */
  readonly fenceBy: 'shell' | 'shutdown-script' | 'nobody';
  readonly forced?: ServerId;
  /** Servers of the configuration that did not answer, or refused us, other than the source. */
  readonly unreachable: readonly ServerId[];
  /** Replicas to which no tunnel can be opened and that have no listen address, with the reason. */
  readonly unserved: ReadonlyMap<ServerId, string>;
  /** Machines that followed the source while it lived, and that the configuration does not know. */
  readonly strangers?: readonly string[];
  readonly wishes: FailoverWishes;
  /** Asks somebody about the one that was chosen; gives that one, or another that was named. Throws to end the run. */
  readonly approve?: (chosen: ServerId) => Promise<ServerId>;
}

/** What a report is made from, as far as it is known when the run begins. */
export function storyOf(request: FailoverRequest, { folder, clock }: RunPorts, facts: World['facts']): Story {
  const { settings, source, members, unreachable, evidence, wishes } = request;
  return {
    command: 'failover',
    settings,
    run: folder.id,
    source: source.id,
    members,
    unreachable,
    evidence,
    facts,
    failures: [],
    warnings: leftWithSource(request),
    losses: [],
    wishes,
    startedWall: clock.wall(),
    unfit: [],
    next: [],
    strays: [],
    untouched: true,
  };
}

/** Nobody levels or repoints them; the words say so, for they stand in no table of the report. */
function leftWithSource({ source, strangers = [] }: FailoverRequest): string[] {
  if (strangers.length === 0) return [];
  const hosts = strangers.join(', ');
  return [
    `${source.id} was followed from ${hosts} when its manager was started, which the configuration does not know: what follows it there is neither levelled nor repointed.`,
  ];
}
