import { containsGtidSet, emptyGtidSet, gtidSetOf, parseGtidSet } from '../../model/gtid-mysql.js';
import {
  formatHistory,
  type History,
  isEmptyHistory,
  joinHistories,
  lackingIn,
  parseHistory,
} from '../../model/history.js';
import type { ServerId } from '../../model/settings.js';
import type { RunFacts, World } from '../hand.js';
import { holdingOf, holdingsOf, type Level } from '../holding.js';

const lookMs = 10_000;

/** A replica as it is now; undefined when it does not answer or has no such channel any more. */
async function levelNow(server: ServerId, channel: string, { servers }: World): Promise<Level | undefined> {
  const reach = await servers.reach(server, lookMs);
  if (reach.kind !== 'answered') return undefined;
  const found = reach.state.channels.find(({ name }) => name === channel);
  return found === undefined ? undefined : { server, state: reach.state, channel: found };
}

function formerChannel(server: ServerId, { facts }: World): string {
  return facts.former.get(server)?.channel.name ?? '';
}

/**
 * Everything it has executed, as its family writes it: what it asks a source for begins behind that. Undefined where it
 * does not replicate by GTID, or does not answer.
 */
export async function heldBy(server: ServerId, world: World): Promise<string | undefined> {
  const level = await levelNow(server, formerChannel(server, world), world);
  return level === undefined ? undefined : heldIn(level);
}

function heldIn({ state: { version, gtid } }: Pick<Level, 'state'>): string | undefined {
  if (version.vendor === 'mariadb') return gtid.slavePos;
  return gtid.mode.startsWith('ON') ? gtid.executed : undefined;
}

/**
 * Before a planned switch: a replica that keeps no coordinates (GTID_ONLY), or was restarted by a source that has written
 * nothing since, is led by its GTIDs.
 */
export function leadByGtids(facts: Pick<RunFacts, 'former' | 'heldGtids'>): void {
  for (const former of facts.former.values()) {
    const held = former.channel.executed === undefined ? heldIn(former) : undefined;
    if (held !== undefined) facts.heldGtids.set(former.server, held);
  }
}

/** What it has of the dead source's history, in its relay log too. */
export async function receivedBy(server: ServerId, world: World): Promise<History | undefined> {
  const level = await levelNow(server, formerChannel(server, world), world);
  return level === undefined ? undefined : holdingOf(level)?.received;
}

/**
 * Whether a replica is led by its GTIDs: it knew no coordinates when its applier had drained, or it replicates by
 * auto-position, where several appliers make its coordinates lag behind what it has.
 */
export function isLedByGtids(server: ServerId, { facts }: Pick<World, 'facts'>): boolean {
  const isAuto = facts.former.get(server)?.channel.mode === 'auto-position';
  return facts.heldGtids.has(server) && (isAuto || !facts.executed.has(server));
}

function familyOf(server: ServerId, { facts }: World): History['family'] {
  return facts.former.get(server)?.state.version.vendor ?? 'mysql';
}

/**
 * What a replica must have executed to be level, by GTIDs: what was rescued, and what the chosen one has of the dead
 * source's history; in a planned switch all that the old source had.
 */
export async function historyToReach(server: ServerId, world: World): Promise<History> {
  const { facts } = world;
  const family = familyOf(server, world);
  const nothing: History =
    family === 'mysql' ? { family, set: { tracks: new Map() } } : { family, position: new Map() };
  const rescued = facts.saved.filter(({ kind }) => kind !== 'laggard').map(({ range }) => range.gtids);
  const known = [...rescued, facts.sourceEnd?.gtid ?? ''].flatMap((text) => parseHistory(family, text) ?? []);
  const target = known.reduce(joinHistories, nothing);
  const { chosen } = facts;
  if (chosen === undefined || chosen === server) return target;
  const holdings = await holdingsNow(chosen, server, world);
  return holdings === undefined ? target : joinHistories(target, holdings[0].executed);
}

/** What it lacks of that; empty text for nothing, undefined when it cannot be told. */
export async function lackingOn(server: ServerId, wanted: History, world: World): Promise<string | undefined> {
  const text = await heldBy(server, world);
  const held = text === undefined ? undefined : parseHistory(wanted.family, text);
  return held === undefined ? undefined : formatHistory(lackingIn(held, wanted));
}

/**
 * What `other` has of the dead source's history and `server` has not; empty when nothing, undefined when GTIDs do not tell.
 * `received` counts what the other one has in its relay log too.
 */
export async function missingFrom(
  server: ServerId,
  other: ServerId,
  world: World,
  part: 'executed' | 'received' = 'executed',
): Promise<string | undefined> {
  const holdings = await holdingsNow(server, other, world);
  if (holdings === undefined || isEmptyHistory(holdings[1][part])) return undefined;
  return formatHistory(lackingIn(holdings[0].executed, holdings[1][part]));
}

/**
 * Whether `server` lacks something that the dead source itself wrote and `other` had executed when the run began. By auto-position
 * coordinates may show less than a replica has: after a crash with parallel appliers, and while its source looks for the place
 * to go on from. Asks nobody where what was drained tells.
 */
export async function lacksOfSource(server: ServerId, other: ServerId, world: World): Promise<boolean> {
  const drained = world.facts.heldGtids.get(server);
  const theirs = world.facts.former.get(other);
  if (drained === undefined || theirs?.channel.mode !== 'auto-position') return false;
  const uuid = theirs.channel.sourceUuid?.toLowerCase();
  const executed = parseGtidSet(theirs.state.gtid.executed);
  if (uuid === undefined || executed === undefined) return false;
  // Transactions of other servers may be that replica's own, or of a time long past.
  const wrote = gtidSetOf([...executed.tracks].filter(([track]) => track.split(':')[0] === uuid));
  const has = (text: string): boolean => containsGtidSet(parseGtidSet(text) ?? emptyGtidSet, wrote);
  if (has(drained)) return false;
  return !has((await heldBy(server, world)) ?? '');
}

async function holdingsNow(a: ServerId, b: ServerId, world: World): Promise<ReturnType<typeof holdingsOf>> {
  const [first, second] = await Promise.all([a, b].map((one) => levelNow(one, formerChannel(one, world), world)));
  return first === undefined || second === undefined ? undefined : holdingsOf(first, second);
}
