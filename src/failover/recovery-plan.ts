import { type Coordinates, isBefore } from '../model/coordinates.js';
import type { SourceLog } from '../ports/recovery.js';
import { movingAddress } from './address-plan.js';
import { isDelayed } from './delayed.js';
import { planDelayed } from './delayed-plan.js';
import type { Contender } from './election.js';
import { isBehind, newestFirst, reached } from './newest.js';
import { isRaised } from './parallel-applying.js';
import { type Plan, type Step, step, stepId } from './plan.js';
import {
  chooseSources,
  isLaggard,
  levelsByGtid,
  outOfReach,
  type RecoveryInput,
  routeOf,
  type Sources,
} from './recovery-sources.js';
import { repointing, restoring } from './repointing-plan.js';
import { planSettling } from './settling-plan.js';
import { reachOf } from './source-logs.js';

export interface RecoveryPlan {
  readonly plan: Plan;
  readonly sources: Sources;
}

/**
 * Phases 1 to 6 as one graph: saving, serving and applying overlap, all replicas at once; the chosen one is opened as
 * soon as it is level, whatever the others still have to do.
 */
export function planRecovery(input: RecoveryInput): RecoveryPlan {
  const sources = chooseSources(input);
  const steps = [
    ...saving(input, sources),
    ...input.contenders.flatMap((contender) => (isDelayed(contender) ? [] : levelling(input, sources, contender))),
    ...promotion(input, sources),
    ...(input.movesAddress === true ? movingAddress(input.source, input.chosen.server) : []),
    ...input.contenders.flatMap((contender) =>
      contender.server === input.chosen.server || isDelayed(contender) ? [] : repointing(input, sources, contender),
    ),
    ...input.contenders.filter(isDelayed).flatMap((contender) => recoverDelayed(input, sources, contender)),
    ...(isRaised(input, sources, input.chosen)
      ? [restoring(input.chosen.server, [stepId('open-for-writes', input.chosen.server)])]
      : []),
    ...planSettling(input),
  ];
  return { plan: { name: 'recover', steps }, sources };
}

function saving(input: RecoveryInput, sources: Sources): Step[] {
  const { source, chosen } = input;
  const steps: Step[] = [];
  const newest = newestFirst(input.contenders)[0];
  const behind = newest !== undefined && input.contenders.some((other) => other !== newest && isBehind(other, newest));
  if (sources.relay !== undefined) {
    const { server, from } = sources.relay;
    const place = from === undefined ? {} : { from };
    const whole = sources.tail || server === chosen.server ? {} : ({ whole: true } as const);
    steps.push(
      step({ do: 'save-relay', ...place, ...whole }, { phase: 'relay-difference', server, onFailure: 'replan' }),
    );
  } else if (behind && sources.tail) {
    const { server, channel } = newest;
    steps.push(
      step({ do: 'set-aside-relay', channel: channel.name }, { phase: 'newest-replica', server, onFailure: 'note' }),
    );
  }
  if (sources.tail) {
    const covers = coveredPlace(input, sources, newest);
    steps.push(
      step(
        { do: 'save-tail', logs: logsOf(input) },
        { phase: 'save-binlog', server: source, needs: [stepId('drain-applier', chosen.server)], onFailure: 'replan' },
      ),
      step(
        { do: 'complete-tail', ...(covers === undefined ? {} : { covers }) },
        {
          phase: 'save-binlog',
          server: source,
          needs: [stepId('save-tail', source), ...relayId(sources)],
          after: newest === undefined || covers !== undefined ? [] : [stepId('drain-applier', newest.server)],
          onFailure: 'replan',
        },
      ),
    );
  }
  return steps;
}

/**
 * Whether the source's log holds all that the newest replica has received. Then nobody waits until that one has applied it,
 * which a client's lock may keep it from for long.
 */
function coveredPlace(
  { chosen, log }: RecoveryInput,
  sources: Sources,
  newest: Contender | undefined,
): Coordinates | undefined {
  if (newest === undefined || newest.server === chosen.server || sources.relay !== undefined) return undefined;
  // What it has executed is not all that it may have received: then its applier tells.
  if (newest.channel.received === undefined) return undefined;
  const [reach, top] = [reachOf(log), reached(newest)];
  return reach === undefined || top === undefined || isBefore(reach, top) ? undefined : top;
}

function logsOf({ log }: RecoveryInput): readonly SourceLog[] {
  return log.readable ? log.logs : [];
}

function relayId(sources: Sources): string[] {
  return sources.relay === undefined ? [] : [stepId('save-relay', sources.relay.server)];
}

/** The steps after which the target is known. */
function targetKnown({ source, chosen }: RecoveryInput, sources: Sources): string[] {
  if (sources.tail) return [stepId('complete-tail', source)];
  if (sources.relay !== undefined) return relayId(sources);
  return [stepId('drain-applier', chosen.server)];
}

function levelling(input: RecoveryInput, sources: Sources, contender: Contender): Step[] {
  const { server, channel } = contender;
  const isChosen = server === input.chosen.server;
  const onFailure = isChosen ? 'replan' : 'give-up-server';
  const served = routeOf(input, sources, contender) === 'served';
  const steps = [
    step(
      { do: 'drain-applier', channel: channel.name, thenStop: served },
      {
        phase: 'newest-replica',
        server,
        needs: relayId(sources),
        onFailure,
      },
    ),
  ];
  const phase = sources.tail ? 'apply-saved-binlog' : 'relay-difference';
  const ready = [stepId('drain-applier', server)];
  if (served) {
    const laggard = isLaggard(input, sources, contender);
    steps.push(step({ do: 'serve' }, { phase, server, onFailure }));
    if (input.completeFirst) ready.push(...targetKnown(input, sources));
    ready.push(stepId('serve', server), ...(sources.tail ? [stepId('save-tail', input.source)] : relayId(sources)));
    if (laggard) {
      const member = { server, channel: channel.name };
      const range = step(
        { do: 'save-laggard-range', logs: logsOf(input), member },
        {
          phase: 'repoint',
          server: input.source,
          needs: [...ready, stepId('open-for-writes', input.chosen.server)],
          onFailure: 'note',
        },
      );
      steps.push(range);
      ready.push(range.id);
    }
    if (isRaised(input, sources, contender)) {
      // Draining has stopped both its threads, as the server demands for this.
      const drained = [stepId('drain-applier', server)];
      steps.push(step({ do: 'raise-appliers' }, { phase, server, needs: drained, onFailure: 'note' }));
    }
    steps.push(
      step(
        { do: 'point-to-recovery', channel: channel.name },
        // Our own CHANGE removes its relay log; draining does not, since the freeze.
        {
          phase,
          server,
          needs: [...ready],
          after: [stepId('set-aside-relay', server), stepId('raise-appliers', server)],
          onFailure,
        },
      ),
    );
    ready.push(stepId('point-to-recovery', server), stepId('serve', server));
  }
  if (levelsByGtid(input, sources, contender) && !isChosen) return steps;
  const needs = [...new Set([...ready, ...targetKnown(input, sources)])];
  const further = isChosen ? outOfReach(input, sources) : undefined;
  const asMuchAs = further === undefined ? {} : { asMuchAs: further.server };
  // Whether what it has received beyond is a whole transaction shows once it has applied that.
  const after = further === undefined ? [] : [stepId('drain-applier', further.server)];
  steps.push(
    step({ do: 'reach-target', channel: channel.name, ...asMuchAs }, { phase, server, needs, after, onFailure }),
  );
  return steps;
}

function promotion({ source, chosen, movesAddress = false, wishes }: RecoveryInput, sources: Sources): Step[] {
  const { server, channel } = chosen;
  const phase = 'promote';
  const stopped = stepId('stop-replication', server);
  const recorded = stepId('record-position', server);
  const shutdown = stepId('hook', source, 'shutdown');
  const looked = stepId('look-again', source);
  const addressed = stepId('hook', server, 'ip-start');
  const taken = movesAddress ? [stepId('take-address', server)] : [];
  return [
    step(
      { do: 'stop-replication', channel: channel.name },
      { phase, server, needs: [stepId('reach-target', server)], onFailure: 'replan' },
    ),
    step({ do: 'record-position' }, { phase, server, needs: [stopped], onFailure: 'replan' }),
    // It may cut the power, and with it the way to that disk: not as long as another candidate may need what lies there.
    step(
      { do: 'hook', hook: 'shutdown' },
      { phase: 'fence', server: source, needs: sources.tail ? [recorded] : [], onFailure: 'abort' },
    ),
    // A log that has grown is fetched again; anything else that it sees ends the run.
    step({ do: 'look-again' }, { phase, server: source, needs: [recorded, shutdown], onFailure: 'replan' }),
    step({ do: 'hook', hook: 'ip-start' }, { phase, server, needs: [looked, ...taken], onFailure: 'abort' }),
    step({ do: 'arm-semi-sync' }, { phase, server, needs: [stepId('reach-target', server)], onFailure: 'note' }),
    step(
      { do: 'open-for-writes', ...(wishes?.open === false ? { stayClosed: true } : {}) },
      {
        phase,
        server,
        needs: [recorded, looked, addressed],
        after: [stepId('arm-semi-sync', server)],
        onFailure: 'abort',
      },
    ),
  ];
}

function recoverDelayed(input: RecoveryInput, sources: Sources, delayed: Contender): readonly Step[] {
  if (input.wishes?.repoint === false) return [];
  const hasSource = sources.tail || sources.relay !== undefined;
  return planDelayed({
    delayed,
    chosen: input.chosen.server,
    source: input.source,
    isServed: hasSource && !input.unserved.has(delayed.server),
    servable: sources.tail ? [stepId('save-tail', input.source)] : relayId(sources),
    targetKnown: targetKnown(input, sources),
    isLaggard: isLaggard(input, sources, delayed),
    logs: logsOf(input),
  });
}
