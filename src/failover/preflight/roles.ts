import { type Channel, type Picture, type ServerState, stateOf } from '../../model/picture.js';
import type { ServerId, ServerSettings } from '../../model/settings.js';
import type { Evidence } from './evidence.js';

export interface Answering {
  readonly id: ServerId;
  readonly settings: ServerSettings;
  readonly state: ServerState;
}

export interface AnsweringReplica extends Answering {
  /** The channel by which it follows the source. */
  readonly channel: Channel;
}

/** Every configured server that answered, in the order of the configuration. */
export function answering({ settings, picture }: Evidence): readonly Answering[] {
  return settings.servers.flatMap((server) => withState(picture, server));
}

export function sourceOf(evidence: Evidence): Answering | undefined {
  return answering(evidence).find(({ id }) => id === evidence.verdict.source);
}

export function replicasOf(evidence: Evidence): readonly AnsweringReplica[] {
  const all = answering(evidence);
  return evidence.verdict.replicas.flatMap(({ server, channel }) => {
    const found = all.find(({ id }) => id === server);
    const own = found?.state.channels.find(({ name }) => name === channel);
    return found === undefined || own === undefined ? [] : [{ ...found, channel: own }];
  });
}

/** The source and its replicas: what a failover deals with. */
export function managed(evidence: Evidence): readonly Answering[] {
  const source = sourceOf(evidence);
  return source === undefined ? replicasOf(evidence) : [source, ...replicasOf(evidence)];
}

/**
 * ignore_fail=1: a failover goes on without it. MHA starts no manager on such a server's failure, unless the command line says
 * --ignore_fail_on_start: a cluster that begins with a hole should be known to somebody.
 */
export function isTolerated({ ignoreFail }: ServerSettings, { purpose, ignoreFailOnStart }: Evidence): boolean {
  const isStart = purpose === 'monitor' || purpose === 'check';
  return ignoreFail && (ignoreFailOnStart || !isStart);
}

/**
 * MHA: a replica that lags or stands still is reported by check_repl and forbids a planned switch, which would leave clients
 * waiting for it; a manager starts in spite of it, and a failover takes what there is.
 */
export function standsInTheWay(settings: ServerSettings, evidence: Evidence): boolean {
  const { purpose } = evidence;
  return (purpose === 'check' || purpose === 'switch') && !isTolerated(settings, evidence);
}

/**
 * Replicas that nothing in the configuration or their own settings keeps from leading. As in the election, the one that the
 * operator names may be newer than its replicas.
 */
export function candidatesOf(evidence: Evidence): readonly AnsweringReplica[] {
  const lowest = lowestVersion(replicasOf(evidence));
  return replicasOf(evidence).filter(
    ({ id, settings, state, channel }) =>
      !settings.noMaster &&
      state.logBin &&
      channel.delaySeconds === 0 &&
      (versionNumber(state) === lowest || id === evidence.forced),
  );
}

/** Major and minor version as one number that compares: 10.11 is 10011. The patch level does not matter here. */
export function versionNumber({ version }: ServerState): number {
  return version.major * 1000 + version.minor;
}

export function lowestVersion(servers: readonly Answering[]): number {
  return Math.min(...servers.map(({ state }) => versionNumber(state)));
}

function withState(picture: Picture, settings: ServerSettings): readonly Answering[] {
  const state = stateOf(picture, settings.id);
  return state === undefined ? [] : [{ id: settings.id, settings, state }];
}
