import type { Coordinates } from '../model/coordinates.js';

/** What is known of the old source's machine at one look. */
export interface FenceLook {
  /** `refused`: the host itself says nobody listens. `open`: something answers there: a sign of life. */
  readonly port: 'refused' | 'open' | 'no-answer';
  /** Over SSH: whether a database process holds that port or data directory. */
  readonly process: 'none' | 'running' | 'cannot-tell';
  /** With `cannot-tell`: no server there was started since; what may be it is no restarted one. */
  readonly onlyElders?: true;
  /** The newest binary log file and its size; undefined when the host cannot be read. */
  readonly newestBinlog?: Coordinates;
}

/** How surely the old source is kept from taking writes. */
export interface FenceOutcome {
  /**
   * `down`: proven down and kept down. `closed`: nothing listens at its address and no server was started there
   * since, but which of those that run it was cannot be told. `unreachable`: no vantage point reaches it, nothing could be done there. `failed`: it is reachable and could
   * not be stopped.
   */
  readonly state: 'down' | 'closed' | 'unreachable' | 'failed';
  readonly lines: readonly string[];
  /** With `down`: the look that proved it, taken just before. With `unreachable`: what could be seen from here. */
  readonly look?: FenceLook;
}

/** The old source's machine, seen as the thing that must not come back by itself. */
export interface Fence {
  /** Stops what would restart it, kills what holds its port or data directory, keeps watching until `release`. */
  hold(signal: AbortSignal): Promise<FenceOutcome>;
  look(signal: AbortSignal): Promise<FenceLook>;
  /** Ends the watch; says what was left behind on that host and how to end it. */
  release(outcome: 'promoted' | 'aborted'): Promise<readonly string[]>;
}
