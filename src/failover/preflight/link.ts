import type { ServerId } from '../../model/settings.js';

/** One channel of a server that answered, and the configured server that it follows. */
export interface Link {
  readonly server: ServerId;
  readonly channel: string;
  /** Undefined: the source is no server of the configuration. */
  readonly source: ServerId | undefined;
  /** Told by the identity that a connected receiver sees there: no name or address of the configuration fits. */
  readonly unnamed?: true;
  /** As the replica names its source. */
  readonly host: string;
  readonly port: number;
}
