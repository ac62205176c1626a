import type { Finding } from '../../model/finding.js';
import { type Channel, type Picture, type ServerState, stateOf } from '../../model/picture.js';
import type { ClusterSettings, ServerId, ServerSettings } from '../../model/settings.js';
import type { Link } from './link.js';
import * as refusal from './topology-refusals.js';

/** Who is what. Roles are derived from the picture, never stored. */
export interface Verdict {
  /** Undefined when it cannot be said; `refusals` tells why. */
  readonly source?: ServerId;
  /** False also when the source is dead and known from its replicas alone. */
  readonly sourceAnswers: boolean;
  /** Servers that follow the source directly, in the order of the configuration, with the channel they do it by. */
  readonly replicas: readonly { readonly server: ServerId; readonly channel: string }[];
  /** Servers that follow another one and may (`multi_tier_slave`): they are left alone. */
  readonly unmanaged: readonly ServerId[];
  /** Servers other than the source that gave no answer. */
  readonly unreachable: readonly ServerId[];
  readonly links: readonly Link[];
  /** Why nothing may be done with this topology; empty when it is sound. Severity `refuse` throughout. */
  readonly refusals: readonly Finding[];
}

/**
 * Derives the roles by MHA's rules: the source is the server that the others follow, dead or alive; with several
 * followed servers it is the one that is dead or writable. At most one server that answers may follow nobody.
 * `addresses` maps names by which replicas call their source to addresses, where somebody resolved them. `before` is the
 * cluster while the source answered: a receiver that has lost it tells by name alone whom it followed.
 */
export function deriveTopology(
  settings: ClusterSettings,
  picture: Picture,
  addresses: ReadonlyMap<string, readonly string[]> = new Map(),
  before?: Picture,
): Verdict {
  const answered = settings.servers.filter((server) => stateOf(picture, server.id) !== undefined);
  const links = answered.flatMap((server) => linksOf(server, { settings, picture, addresses, before }));
  const chosen = chooseSource(answered, links, picture);
  const source = chosen.source;
  const roles =
    source === undefined ? { replicas: [], unmanaged: [], refusals: [] } : assignRoles(source, answered, links);
  const refusedUs = settings.servers.flatMap(({ id }) => {
    const reach = picture.servers.get(id);
    return reach?.kind === 'refused-us' ? [refusal.refusesUs(id, reach.message)] : [];
  });
  const unsupported = answered.flatMap(({ id }) => {
    const state = stateOf(picture, id);
    return state?.unsupported === undefined ? [] : [refusal.unsupported(id, state, state.unsupported)];
  });
  return {
    ...(source === undefined ? {} : { source }),
    sourceAnswers: source !== undefined && stateOf(picture, source) !== undefined,
    replicas: roles.replicas,
    unmanaged: roles.unmanaged,
    unreachable: settings.servers.map(({ id }) => id).filter((id) => id !== source && isSilent(picture, id)),
    links,
    refusals: [...unsupported, ...refusedUs, ...strangers(answered, links), ...chosen.refusals, ...roles.refusals],
  };
}

function isSilent(picture: Picture, id: ServerId): boolean {
  const kind = picture.servers.get(id)?.kind;
  return kind === undefined || kind === 'no-answer' || kind === 'port-refused';
}

interface Known {
  readonly settings: ClusterSettings;
  readonly picture: Picture;
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly before: Picture | undefined;
}

function linksOf(server: ServerSettings, known: Known): readonly Link[] {
  const channels = stateOf(known.picture, server.id)?.channels ?? [];
  return channels
    .filter((channel) => channel.sourceHost !== '')
    .map((channel) => ({
      server: server.id,
      channel: channel.name,
      ...followed(server, channel, known),
      host: channel.sourceHost,
      port: channel.sourcePort,
    }));
}

/**
 * The configured server that a channel names: by host name or address; else by the identity that its receiver sees there (the
 * name may be a virtual address, a tunnel, or of another network), or saw when it was connected to the same place before.
 */
function followed(server: ServerSettings, channel: Channel, known: Known): Pick<Link, 'source' | 'unnamed'> {
  const { settings, picture, addresses, before } = known;
  const named = settings.servers.find(
    (other) => other.port === channel.sourcePort && isCalled(other, channel.sourceHost, addresses),
  );
  if (named !== undefined) return { source: named.id };
  const seen =
    channel.receiver === 'running'
      ? seenBy(channel, settings, picture)
      : before && seenBefore(server.id, channel, settings, before);
  return seen === undefined ? { source: undefined } : { source: seen, unnamed: true };
}

function seenBefore(id: ServerId, channel: Channel, settings: ClusterSettings, before: Picture): ServerId | undefined {
  const was = stateOf(before, id)?.channels.find((one) => isSamePlace(one, channel));
  return was?.receiver === 'running' ? seenBy(was, settings, before) : undefined;
}

function seenBy(channel: Channel, settings: ClusterSettings, picture: Picture): ServerId | undefined {
  return settings.servers.find((other) => hasIdentity(stateOf(picture, other.id), channel))?.id;
}

function isSamePlace(one: Channel, other: Channel): boolean {
  return one.name === other.name && one.sourceHost === other.sourceHost && one.sourcePort === other.sourcePort;
}

function isCalled(server: ServerSettings, host: string, addresses: ReadonlyMap<string, readonly string[]>): boolean {
  const name = host.toLowerCase();
  return (
    server.hostname.toLowerCase() === name ||
    server.address.toLowerCase() === name ||
    addresses.get(host)?.includes(server.address) === true
  );
}

function hasIdentity(state: ServerState | undefined, channel: Channel): boolean {
  if (state === undefined) return false;
  if (channel.sourceUuid !== undefined) return channel.sourceUuid === state.serverUuid;
  return channel.sourceServerId !== 0 && channel.sourceServerId === state.serverId;
}

function chooseSource(
  answered: readonly ServerSettings[],
  links: readonly Link[],
  picture: Picture,
): { readonly source?: ServerId; readonly refusals: readonly Finding[] } {
  if (answered.length === 0) return { refusals: [refusal.nobodyAnswers()] };
  const free = answered.map(({ id }) => id).filter((id) => links.every((link) => link.server !== id));
  if (free.length > 1) return { refusals: [refusal.severalFree(free)] };
  const sources = followedSources(answered, links) ?? free;
  const source = sources.length > 1 ? onlyOpen(sources, picture) : sources[0];
  if (source === undefined) {
    const seen = sources.map((id) => ({ server: id, is: standing(id, picture) }));
    return { refusals: [sources.length > 1 ? refusal.severalSources(seen) : refusal.noReplica()] };
  }
  const stray = free.find((id) => id !== source);
  return { source, refusals: stray === undefined ? [] : [refusal.followsNobody(stray, source)] };
}

/**
 * Whom the others follow. A server that may follow another one than the source (`multi_tier_slave` in its block) says nothing of
 * who the source is: the one that it follows may be dead while the source lives. Undefined when only such servers follow anybody.
 * Where every server may, as the defaults said so, all are asked.
 */
function followedSources(answered: readonly ServerSettings[], links: readonly Link[]): readonly ServerId[] | undefined {
  const isTiered = ({ server }: Link): boolean =>
    answered.some(({ id, multiTierSlave }) => id === server && multiTierSlave);
  const telling = links.filter((link) => !isTiered(link));
  const isAnyManaged = answered.some(({ multiTierSlave }) => !multiTierSlave);
  if (telling.length === 0 && links.length > 0 && isAnyManaged) return undefined;
  const asked = telling.length > 0 ? telling : links;
  return [...new Set(asked.map((link) => link.source).filter((source) => source !== undefined))];
}

/** Of several followed servers the one that is dead or writable: the others are dual sources or intermediate ones. */
function onlyOpen(sources: readonly ServerId[], picture: Picture): ServerId | undefined {
  const open = sources.filter((id) => stateOf(picture, id)?.readOnly !== true);
  return open.length === 1 ? open[0] : undefined;
}

function standing(id: ServerId, picture: Picture): 'read-only' | 'writable' | 'no answer' {
  const state = stateOf(picture, id);
  if (state === undefined) return 'no answer';
  return state.readOnly ? 'read-only' : 'writable';
}

function assignRoles(
  source: ServerId,
  answered: readonly ServerSettings[],
  links: readonly Link[],
): Pick<Verdict, 'replicas' | 'unmanaged' | 'refusals'> {
  const others = answered.filter(({ id }) => id !== source && links.some((link) => link.server === id));
  const linkToSource = (id: ServerId): Link | undefined =>
    links.find((link) => link.server === id && link.source === source);
  const replicas = others.flatMap(({ id }) => {
    const link = linkToSource(id);
    return link === undefined ? [] : [{ server: id, channel: link.channel }];
  });
  const apart = others.filter(({ id }) => linkToSource(id) === undefined);
  const unmanaged = apart.filter((server) => server.multiTierSlave).map(({ id }) => id);
  const refusals = apart
    .filter(
      (server) =>
        !server.multiTierSlave && links.some((link) => link.server === server.id && link.source !== undefined),
    )
    .map(({ id }) => refusal.followsAnother(id, source, links));
  return { replicas, unmanaged, refusals: replicas.length === 0 ? [...refusals, refusal.noReplica(source)] : refusals };
}

/** Replicas that follow only servers the configuration does not know. */
function strangers(answered: readonly ServerSettings[], links: readonly Link[]): readonly Finding[] {
  return answered.flatMap((server) => {
    const own = links.filter((link) => link.server === server.id);
    const first = own[0];
    if (first === undefined || server.multiTierSlave || own.some((link) => link.source !== undefined)) return [];
    return [refusal.unknownSource(first)];
  });
}
