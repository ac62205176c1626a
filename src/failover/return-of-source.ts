import { formatCoordinates } from '../model/coordinates.js';
import type { ServerId } from '../model/settings.js';
import type { RunFacts } from './hand.js';

interface Ended {
  readonly command: 'failover' | 'switch';
  readonly source: ServerId;
  readonly facts: Pick<RunFacts, 'opened' | 'sshReachable' | 'target'>;
  /** What is lost or cannot be known, in sentences. */
  readonly losses: readonly string[];
}

/**
 * What is to be done about the old source of a failover: nobody watches it any more. It comes back as its option file says, as a rule
 * open and with clients that know its own address; and whoever repairs it asks from where on it may follow.
 */
export function returnOfSource({ command, source, facts, losses }: Ended): readonly string[] {
  const { opened, sshReachable, target } = facts;
  if (command !== 'failover' || opened === undefined) return [];
  const { server, at } = opened;
  const close = sshReachable
    ? `before ${source} is started again, write read_only=1 into its option file: it would take writes beside ${server}`
    : `as soon as the host of ${source} can be reached, close that server (stop it, or read_only=1 now and in its option file): it may take writes beside ${server}`;
  const rebuild = `rebuild ${source} from ${server} before it follows it`;
  if (losses.length > 0 || target === undefined) {
    return [close, `${rebuild}: it may hold transactions that no other server has`];
  }
  const place = `${server} from ${formatCoordinates(at)} on`;
  return [
    close,
    `with the account and options of the other replicas ${source} can then follow ${place}, if its own log still reaches ${formatCoordinates(target)}; if not, ${rebuild}`,
  ];
}
