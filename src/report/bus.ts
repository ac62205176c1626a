/**
 * Room `report`: what a run tells, told to people and programs. It may import `model` and `ports`. Invariant: it only
 * listens; nothing here can stop, slow or change a run.
 */
import type { Clock } from '../ports/clock.js';
import type { Events, Happening, RunEvent, Subscriber } from '../ports/events.js';

export interface Bus extends Events {
  subscribe(subscriber: Subscriber): void;
  /** Everything that was emitted, in order: the report's timeline is made of it. */
  readonly history: readonly RunEvent[];
}

/** Progress comes many times a second and says nothing afterwards, so the history leaves it out. */
export function createBus(cluster: string, run: string, clock: Clock, failed: (error: unknown) => void): Bus {
  const subscribers: Subscriber[] = [];
  const history: RunEvent[] = [];
  let sequence = 0;
  const tell = (subscriber: Subscriber, event: RunEvent): void => {
    try {
      subscriber(event);
    } catch (error) {
      failed(error);
    }
  };
  return {
    history,
    subscribe: (subscriber) => void subscribers.push(subscriber),
    emit: (happening: Happening) => {
      const event: RunEvent = { ...happening, cluster, run, sequence: sequence++, wall: clock.wall(), at: clock.now() };
      if (event.kind !== 'step-progress') history.push(event);
      for (const subscriber of subscribers) tell(subscriber, event);
    },
  };
}
