import type { Picture, ServerState } from '../model/picture.js';
import { stateOf } from '../model/picture.js';
import type { Standing } from '../model/outcome.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { Contender } from './election.js';
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

export function contendersOf(
  picture: Picture,
  members: readonly Member[],
  settings: ClusterSettings,
): readonly Contender[] {
  return formersOf(picture, members).flatMap((former) => {
    const known = settings.servers.find((server) => server.id === former.server);
    return known === undefined ? [] : [{ ...former, settings: known }];
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
