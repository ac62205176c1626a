import type { Coordinates } from '../model/coordinates.js';
import type { ServerId } from '../model/settings.js';
import type { SourceLog } from '../ports/recovery.js';
import type { Contender } from './election.js';
import { movesReceiverAlone } from './delayed.js';
import { reached } from './newest.js';
import { type Step, step, stepId } from './plan.js';

export interface DelayedInput {
  readonly delayed: Contender;
  readonly chosen: ServerId;
  readonly source: ServerId;
  /** Whether the recovery source is brought to it: there is something to serve, and a way. */
  readonly isServed: boolean;
  /** Steps after which there is something to serve. */
  readonly servable: readonly string[];
  readonly targetKnown: readonly string[];
  /** It needs bytes from before the place where the fetch for the chosen one begins. */
  readonly isLaggard: boolean;
  /** Where that is fetched from. */
  readonly logs: readonly SourceLog[];
}

/**
 * What becomes of a delayed replica. Where its receiver can be moved alone, that one is given what is missing and then follows the
 * new source; the applier goes on with its relay log, as late as before. Elsewhere it is pointed to the new source by
 * GTID at what it has executed, or left alone.
 */
export function planDelayed(input: DelayedInput): readonly Step[] {
  const { delayed, chosen } = input;
  const { server, channel } = delayed;
  const opened = stepId('open-for-writes', chosen);
  const restore = (after: string): Step =>
    step(
      { do: 'restore-relay-purge' },
      { phase: 'repoint', server, after: [after], needs: [opened], onFailure: 'note' },
    );
  if (!movesReceiverAlone(delayed)) {
    const repoint = step(
      { do: 'repoint-delayed', channel: channel.name, to: chosen },
      { phase: 'repoint', server, needs: [opened], onFailure: 'give-up-server' },
    );
    return [repoint, restore(repoint.id)];
  }
  const move = step(
    { do: 'move-receiver', channel: channel.name, to: chosen },
    { phase: 'repoint', server, needs: [stepId('receive-target', server), opened], onFailure: 'give-up-server' },
  );
  return [...receiving(input), move, restore(move.id)];
}

function receiving(input: DelayedInput): readonly Step[] {
  const { delayed, chosen, source, isServed, servable, targetKnown, isLaggard, logs } = input;
  const { server, channel } = delayed;
  const details = { phase: 'repoint', server, onFailure: 'give-up-server' } as const;
  const needs = [...targetKnown];
  const steps: Step[] = [];
  if (isServed) {
    const place: Coordinates | undefined = reached(delayed);
    const ready = [stepId('serve', server), ...servable];
    steps.push(step({ do: 'serve' }, details));
    if (isLaggard) {
      const member = { server, channel: channel.name };
      const range = step(
        { do: 'save-laggard-range', logs, member, ...(place === undefined ? {} : { from: place }) },
        { phase: 'repoint', server: source, needs: [...ready, stepId('open-for-writes', chosen)], onFailure: 'note' },
      );
      steps.push(range);
      ready.push(range.id);
    }
    steps.push(step({ do: 'point-to-recovery', channel: channel.name }, { ...details, needs: ready }));
    needs.push(stepId('point-to-recovery', server), stepId('serve', server));
  }
  return [...steps, step({ do: 'receive-target', channel: channel.name }, { ...details, needs })];
}

/** The last step that concerns its replication. */
export function lastOfDelayed(delayed: Contender): string {
  const { server } = delayed;
  return stepId(movesReceiverAlone(delayed) ? 'move-receiver' : 'repoint-delayed', server);
}
