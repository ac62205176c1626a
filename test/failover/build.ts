import type { Contender } from '../../src/failover/election.js';
import type { Errant } from '../../src/failover/errant.js';
import { noFacts } from '../../src/failover/hand.js';
import type { Story } from '../../src/failover/outcome.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import type { Channel, ServerState } from '../../src/model/picture.js';
import { type ServerSettings, serverId } from '../../src/model/settings.js';
import { channelFrom, serverSettings, serverState } from '../support/picture.js';

/** `3:500` is position 500 of the third file. */
export function at(text: string): Coordinates {
  const [file = '', position = ''] = text.split(':');
  return { file: `bin.${file.padStart(6, '0')}`, position: Number(position) };
}

interface ContenderChanges {
  readonly received?: string;
  readonly executed?: string;
  readonly settings?: Partial<ServerSettings>;
  readonly state?: Partial<ServerState>;
  readonly channel?: Partial<Channel>;
  readonly errant?: Errant;
}

/** A replica `name` that has received and executed up to the given places (`executed` left out: the same place). */
export function contender(name: string, changes: ContenderChanges = {}): Contender {
  const received = changes.received ?? '1:1000';
  const places = { received: at(received), executed: at(changes.executed ?? received) };
  return {
    server: serverId(name, 3306),
    settings: serverSettings(name, changes.settings),
    state: serverState(name, { logReplicaUpdates: false, ...changes.state }),
    channel: channelFrom('a', { ...places, ...changes.channel }),
    ...(changes.errant === undefined ? {} : { errant: changes.errant }),
  };
}

/** The story of a failover in which nothing has happened yet. */
export function storyOf(changes: Pick<Story, 'settings' | 'source'> & Partial<Story>): Story {
  return {
    command: 'failover',
    run: '',
    members: [],
    unreachable: [],
    evidence: { code: '', lines: [] },
    facts: noFacts(),
    failures: [],
    warnings: [],
    losses: [],
    next: [],
    strays: [],
    startedWall: 0,
    unfit: [],
    ...changes,
  };
}
