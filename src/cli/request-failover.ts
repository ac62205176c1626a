import type { FailoverRequest } from '../failover/failover-request.js';
import { deriveTopology, type Verdict as Topology } from '../failover/preflight/topology.js';
import type { Link } from '../failover/preflight/link.js';
import type { FailoverWishes } from '../failover/wishes.js';
import { Fault } from '../model/fault.js';
import { type Picture, stateOf } from '../model/picture.js';
import type { ClusterSettings, ServerId, ServerSettings } from '../model/settings.js';
import type { Verdict } from '../monitor/evidence.js';
import type { WatchEnd } from '../monitor/watch.js';
import { knock } from '../monitor/knock.js';
import { forced } from './forced.js';
import { isHostGone } from './host-gone.js';
import { observeAgain } from './observe-again.js';
import type { Parts } from './parts.js';
import { addressesOf } from './resolve.js';
import { describeSource, recallSource } from './source-in-question.js';

/** What an operator or the command line says of a failover. */
export interface FailoverTerms {
  readonly newMaster?: string;
  readonly wishes: FailoverWishes;
  readonly approve?: (chosen: ServerId) => Promise<ServerId>;
}

/**
 * Somebody may have promoted one by hand, or with another tool, and not have pointed the others to it yet: the dead server still looks
 * like their source. One that a failover opened without learning of it may still be pointed to the recovery source of that. Whoever
 * follows a server outside of the file is nobody's new source: a third tier, say, of which many are not closed.
 */
export function mindOtherSource(
  source: ServerId,
  { links }: Topology,
  picture: Picture,
  { servers }: Pick<ClusterSettings, 'servers'>,
): void {
  for (const [server, reach] of picture.servers) {
    const isOpen = reach.kind === 'answered' && !reach.state.readOnly;
    const own = servers.find(({ id }) => id === server);
    const isFree = links.every((link) => link.server !== server || isLeftAtRecovery(link, own));
    if (server !== source && isOpen && isFree) throw new Fault('OTHER_SOURCE_OPEN', { server, source });
  }
}

/** A recovery source is reached by a tunnel on the replica's own loopback, or at the address that the file gives for it. */
function isLeftAtRecovery({ source, host }: Link, follower: ServerSettings | undefined): boolean {
  return source === undefined && (host.startsWith('127.') || host === follower?.recoveryListenAddress);
}

/** The cluster as it is now, without the dead server: who follows it, and how they stand. */
export async function failoverRequest(
  parts: Parts,
  prepared: { readonly source: ServerId; readonly picture: Picture },
  { verdict: death, remembered, silent }: Extract<WatchEnd, { verdict: Verdict }>,
  { newMaster, wishes, approve }: FailoverTerms,
): Promise<Omit<FailoverRequest, 'settings'>> {
  const { settings, shells, say } = parts;
  const others = settings.servers.map(({ id }) => id).filter((id) => id !== prepared.source);
  const asked = { ...parts, isHostGone: (id: ServerId) => isHostGone(settings, id, knock) };
  const picture = await observeAgain(asked, others, { picture: prepared.picture, silent });
  const verdict = deriveTopology(settings, picture, await addressesOf(picture), prepared.picture);
  if (verdict.source !== prepared.source) {
    const why = verdict.refusals.map(({ seen }) => seen).join('; ');
    throw new Fault('TOPOLOGY_CHANGED', { server: prepared.source, now: verdict.source ?? `not clear: ${why}` });
  }
  mindOtherSource(prepared.source, verdict, picture, settings);
  // A server that somebody has led elsewhere since is nobody's to level: it is left alone, and not in silence.
  for (const { id, seen } of verdict.refusals) if (id !== 'login') say(`warning: ${seen}`);
  const state = remembered.state ?? stateOf(prepared.picture, prepared.source);
  const source =
    state === undefined
      ? await recallSource(prepared.source, verdict, picture, settings, shells.door(prepared.source))
      : describeSource(prepared.source, state);
  return {
    source,
    members: verdict.replicas,
    unreachable: [...verdict.unreachable, ...others.filter((id) => picture.servers.get(id)?.kind === 'refused-us')],
    unserved: new Map(),
    picture,
    evidence: { code: death.code, lines: death.lines },
    fenceBy: death.fenceBy,
    ...(await forced(settings, newMaster)),
    ...(approve === undefined ? {} : { approve }),
    wishes,
  };
}
