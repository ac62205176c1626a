import type { ServerId } from '../model/settings.js';
import type { PortSight } from '../ports/knock.js';

/** What one replica and its host say of the source since the first miss. */
export interface Testimony {
  readonly replica: ServerId;
  /**
   * `sees-it`: it has received something, or a heartbeat, well after the first miss. `lost-it`: its receiver was at
   * work before and has no source now. `cannot-tell`: everything else - a receiver that runs without progress, one that
   * did not run before, a replica that does not answer.
   */
  readonly replication: 'sees-it' | 'lost-it' | 'cannot-tell';
  /** The source's port as seen from the replica's host. */
  readonly port: PortSight;
  /** Did the replica or its host answer us at all? If nobody does, it is we who are cut off. */
  readonly answered: boolean;
  readonly why: string;
}

/** Everything that is known at one moment about a source that does not answer. `pending`: asked, not answered yet. */
export interface Evidence {
  /** Failed checks in a row. Zero: the last one went well, or none was made yet. */
  readonly misses: number;
  readonly lastMiss: string;
  /** The source's port as seen from here. */
  readonly port: PortSight | 'pending';
  readonly host: {
    readonly shell: 'pending' | 'open' | 'unreachable';
    readonly process: 'none' | 'running' | 'cannot-tell';
    /** Its SSH port was accepted or refused: the machine is up and can be reached, whatever its servers do. */
    readonly isUp?: boolean;
    readonly lines: readonly string[];
  };
  /** One entry per replica; undefined until it was asked once. */
  readonly replicas: readonly (Testimony | undefined)[];
  /** The site's own second opinion. MHA: only exit code 0 permits a failover. */
  readonly script: 'not-configured' | 'pending' | 'permits' | 'objects';
}

export interface VerdictPolicy {
  /** Failed checks in a row that count as death where it cannot be proven. MHA: 4. */
  readonly missesForDeath: number;
  /** Is there a `shutdown_script` that could cut the power of a host without a shell? */
  readonly hasShutdownScript: boolean;
}

export type AnalysisCode =
  | 'source-failing'
  | 'source-dead-proven'
  | 'source-dead-by-ladder'
  | 'source-hung'
  | 'manager-cut-off'
  | 'replicas-still-see-source'
  | 'waiting-for-script'
  | 'vetoed-by-script'
  | 'cannot-fence';

export interface Verdict {
  /** `blocked`: dead or hung for all we can see, but nobody could keep it from coming back. */
  readonly decision: 'keep-looking' | 'dead' | 'blocked';
  readonly code: AnalysisCode;
  /**
   * How it is kept from taking writes: over its shell; by `shutdown_script`, which must answer 0 or 10; or not at all,
   * since no vantage point reaches it or its host itself refuses the port.
   */
  readonly fenceBy: 'shell' | 'shutdown-script' | 'nobody';
  readonly lines: readonly string[];
}
