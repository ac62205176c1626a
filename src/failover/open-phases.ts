import type { Clock } from '../ports/clock.js';
import type { Events, Phase } from '../ports/events.js';

/** The phases that a plan is in, for whoever looks on: several may be open at once. */
export class OpenPhases {
  readonly #open = new Map<Phase, { readonly started: number; failed: boolean }>();
  readonly #clock: Clock;
  readonly #events: Events;

  constructor({ clock, events }: { readonly clock: Clock; readonly events: Events }) {
    this.#clock = clock;
    this.#events = events;
  }

  enter(phase: Phase): void {
    if (this.#open.has(phase)) return;
    this.#open.set(phase, { started: this.#clock.now(), failed: false });
    this.#events.emit({ kind: 'phase-started', phase });
  }

  fail(phase: Phase): void {
    const begun = this.#open.get(phase);
    if (begun !== undefined) begun.failed = true;
  }

  /** Its last step has ended. One that none of its steps had entered is not spoken of. */
  leave(phase: Phase): void {
    const begun = this.#open.get(phase);
    if (begun === undefined) return;
    this.#open.delete(phase);
    this.#events.emit({ kind: 'phase-ended', phase, ok: !begun.failed, ms: this.#clock.now() - begun.started });
  }
}
