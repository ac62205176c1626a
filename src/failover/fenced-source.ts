import type { Clock } from '../ports/clock.js';
import type { Fence, FenceLook, FenceOutcome } from '../ports/fence.js';

/** Milliseconds for which a look at the old source's machine stands. */
const freshMs = 1_000;
/** A host whose power was cut may take this long to fall silent. */
const powerMs = 10_000;
const powerLookMs = 500;

interface FencedPorts {
  readonly fence: Fence;
  readonly clock: Clock;
  readonly note: (level: 'info', text: string) => void;
}

/** The old source's machine from the moment it is held down: what came of it, and what was last seen there. */
export class FencedSource {
  readonly #ports: FencedPorts;
  #held: Promise<FenceOutcome> | undefined;
  #seen: { readonly look: FenceLook; readonly at: number } | undefined;

  constructor(ports: FencedPorts) {
    this.#ports = ports;
  }

  /** Begins; the replicas freeze meanwhile. */
  hold(signal: AbortSignal): void {
    const { clock, fence, note } = this.#ports;
    const started = clock.now();
    this.#held = fence.hold(signal).then((held) => {
      const now = clock.now();
      note('info', `fence: ${held.state} after ${String(Math.round(now - started))} ms`);
      if (held.look !== undefined) this.#seen = { look: held.look, at: now };
      return held;
    });
    // The outcome is read by `outcome`; a rejection in between must not end the process.
    this.#held.catch(() => undefined);
  }

  /** What came of it; undefined when it was never begun. */
  async outcome(): Promise<FenceOutcome | undefined> {
    return this.#held;
  }

  /** What the fence saw a moment ago need not be asked again; it is looked at once more before anything is opened. */
  freshLook(): FenceLook | undefined {
    const seen = this.#seen;
    return seen !== undefined && this.#ports.clock.now() - seen.at < freshMs ? seen.look : undefined;
  }

  /** The site has cut the power; that is believed only after another look. `failed` when it served on for too long. */
  async afterPowerCut(signal: AbortSignal): Promise<FenceOutcome> {
    const { clock, fence } = this.#ports;
    // What was seen before is not so any more.
    this.#seen = undefined;
    const end = clock.now() + powerMs;
    for (;;) {
      const held = await fence.hold(signal);
      if (held.state !== 'failed' || clock.now() >= end) return held;
      await clock.sleep(powerLookMs, signal);
    }
  }

  /** Lines for the report: what was left behind there. */
  async release(outcome: 'promoted' | 'aborted'): Promise<readonly string[]> {
    // A hold that was broken off may have frozen what must be woken again.
    await this.#held?.catch(() => undefined);
    return this.#ports.fence.release(outcome);
  }
}
