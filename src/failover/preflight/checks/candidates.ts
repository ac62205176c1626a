import type { Finding } from '../../../model/finding.js';
import type { Check } from '../evidence.js';
import { candidatesOf, lowestVersion, managed, replicasOf, sourceOf, versionNumber } from '../roles.js';

/** Somebody could become the source. */
export const atLeastOneCandidate: Check = (evidence) => {
  const replicas = replicasOf(evidence);
  if (replicas.length === 0 || candidatesOf(evidence).length > 0) return [];
  const lowest = lowestVersion(replicas);
  const reasons = replicas.map(({ id, settings, state, channel }) => {
    if (settings.noMaster) return `${id} has no_master=1`;
    if (!state.logBin) return `${id} writes no binary log`;
    if (channel.delaySeconds > 0) return `${id} applies late on purpose`;
    return versionNumber(state) > lowest ? `${id} is newer than another replica` : `${id} is not fit`;
  });
  return [
    {
      id: 'at-least-one-candidate',
      severity: 'refuse',
      seen: `No replica could become the source: ${reasons.join('; ')}`,
      matters: 'A failover is impossible now.',
      fix: 'Make one of them fit: switch its binary log on, or remove no_master or the delay.',
    },
  ];
};

/** Replication works from an older server to a newer one, not the other way round. */
export const versionOrder: Check = (evidence) => {
  const replicas = replicasOf(evidence);
  const lowest = lowestVersion(replicas);
  const source = sourceOf(evidence);
  const families = new Set(managed(evidence).map(({ state }) => state.version.vendor));
  const newer = replicas
    .filter(({ state, settings }) => versionNumber(state) > lowest && !settings.noMaster)
    .map(({ id, state }): Finding => ({
      ...common,
      severity: 'note',
      server: id,
      seen: `${id} (${state.version.text}) is newer than another replica`,
      fix: 'Nothing to do while others can lead: it is not chosen.',
    }));
  const older = replicas
    .filter(
      ({ state }) => families.size === 1 && source !== undefined && versionNumber(state) < versionNumber(source.state),
    )
    .map(({ id, state }): Finding => ({
      ...common,
      severity: 'warn',
      server: id,
      seen: `${id} (${state.version.text}) is older than the source ${source?.id ?? ''} (${source?.state.version.text ?? ''})`,
      fix: `Upgrade ${id}.`,
    }));
  return [...mixed(families), ...newer, ...older];
};

const common = {
  id: 'version-order',
  matters: 'A replica may not understand what a newer source writes, and stops.',
};

function mixed(families: ReadonlySet<string>): readonly Finding[] {
  if (families.size < 2) return [];
  return [
    {
      ...common,
      severity: 'warn',
      seen: 'MariaDB and MySQL replicate from each other',
      fix: 'Set no_master=1 for the servers of one family.',
    },
  ];
}

/** One replica only: it can take over, and then there is no second. */
export const redundancy: Check = (evidence) => {
  const [only, ...others] = replicasOf(evidence);
  if (only === undefined || others.length > 0) return [];
  return [
    {
      id: 'redundancy',
      severity: 'note',
      server: only.id,
      seen: `${only.id} is the only replica`,
      matters: 'After a failover one server is left, with no further one to fail over to.',
      fix: 'Add a replica.',
    },
  ];
};
