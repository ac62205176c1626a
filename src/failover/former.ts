import type { Picture, ServerState } from '../model/picture.js';
import { stateOf } from '../model/picture.js';
import type { Standing } from '../model/outcome.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { Contender } from './election.js';
import { errantOn, type SourcePast } from './errant.js';
import type { Former } from './hand.js';
import type { Member } from './plan.js';

/** What the members were like at one moment; those that did not answer are left out. */
export function formersOf(picture: Picture, members: readonly Member[]): readonly Former[] {
  return members.flatMap(({ server, channel: name }) => {
    const state = stateOf(picture, server);
    const channel = state?.channels.find((one) => one.name === name);
    return state === undefined || channel === undefined ? [] : [{ server, state, channel }];
  });
}

/** `source` is what is known of the one they follow: it tells which of their transactions it never had. */
export function contendersOf(
  picture: Picture,
  members: readonly Member[],
  settings: ClusterSettings,
  source?: SourcePast,
): readonly Contender[] {
  const formers = formersOf(picture, members);
  return formers.flatMap((former) => {
    const known = settings.servers.find((server) => server.id === former.server);
    const others = formers.filter((other) => other !== former).map(({ state }) => state);
    const errant = errantOn(former, source, others);
    return known === undefined ? [] : [{ ...former, settings: known, ...(errant === undefined ? {} : { errant }) }];
  });
}

export function standingOf(picture: Picture, server: ServerId, channel: string | undefined): Standing | undefined {
  const state = stateOf(picture, server);
  return state === undefined ? undefined : standing(state, channel);
}

function standing(state: ServerState, name: string | undefined): Standing {
  const channel = name === undefined ? undefined : state.channels.find((one) => one.name === name);
  const own = state.binlogEnd === undefined ? {} : { executed: state.binlogEnd };
  return {
    ...(channel === undefined ? own : {}),
    ...(channel?.received === undefined ? {} : { received: channel.received }),
    ...(channel?.executed === undefined ? {} : { executed: channel.executed }),
    gtid: state.gtid.currentPos || state.gtid.executed || state.gtid.slavePos,
    readOnly: state.readOnly,
  };
}
