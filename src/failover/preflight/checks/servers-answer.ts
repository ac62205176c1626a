import type { Check } from '../evidence.js';
import { isTolerated } from '../roles.js';

/** The source answers. A monitor or a failover may begin with a dead one; a check and a switch may not. */
export const sourceAlive: Check = ({ verdict, purpose }) => {
  if (verdict.source === undefined || verdict.sourceAnswers) return [];
  return [
    {
      id: 'source-alive',
      severity: purpose === 'check' || purpose === 'switch' ? 'refuse' : 'note',
      server: verdict.source,
      seen: `The source ${verdict.source}, as its replicas name it, does not answer`,
      matters: 'The cluster has no source that takes writes.',
      fix: `Start it; or fail over: mha-ts failover --dead-master-host ${verdict.source}`,
    },
  ];
};

export const othersAlive: Check = (evidence) => {
  const { verdict, settings, picture } = evidence;
  return verdict.unreachable.map((server) => {
    const known = settings.servers.find(({ id }) => id === server);
    const tolerated = known !== undefined && isTolerated(known, evidence);
    const reach = picture.servers.get(server);
    const why = reach === undefined || reach.kind === 'answered' ? 'it was not asked' : reach.message;
    return {
      id: 'server-alive',
      severity: tolerated ? 'warn' : 'refuse',
      server,
      seen: `${server} does not answer: ${why}`,
      matters: 'It would not be levelled or repointed in a failover, and could come back as a second source.',
      fix:
        known?.ignoreFail === true
          ? 'Start it; remove its block; or say --ignore-fail-on-start, since it has ignore_fail=1.'
          : 'Start it; remove its block; or set ignore_fail=1 in it to fail over without it.',
    };
  });
};
