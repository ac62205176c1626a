import type { Finding } from '../../../model/finding.js';
import { needsPublicKey } from '../../source-options.js';
import type { Check } from '../evidence.js';
import { replicasOf } from '../roles.js';

/** MySQL 8.0.22 and later: a replica that chooses another source by itself is a second hand at the same wheel. */
export const autoFailover: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, channel }): readonly Finding[] => {
    if (channel.receiverOptions?.autoFailover !== true) return [];
    return [
      {
        id: 'auto-failover',
        severity: 'warn',
        server: id,
        seen: `${id} has SOURCE_CONNECTION_AUTO_FAILOVER=1`,
        matters:
          'When its source is gone it looks for another one by itself, perhaps before a failover has chosen the new source.',
        fix: 'Set SOURCE_CONNECTION_AUTO_FAILOVER=0 there; a failover switches it off only while it levels the replica.',
      },
    ];
  });

/** What a failover changes in such a replica is said before. */
export const sourcePublicKey: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, channel }): readonly Finding[] => {
    if (!needsPublicKey(channel)) return [];
    return [
      {
        id: 'source-public-key',
        severity: 'note',
        server: id,
        seen: `${id} replicates without TLS and without the public key of its source`,
        matters:
          'A new source may refuse an account of caching_sha2_password that it has not seen before; it is then followed with GET_SOURCE_PUBLIC_KEY=1.',
        fix: 'Set SOURCE_SSL=1, or GET_SOURCE_PUBLIC_KEY=1, in its replication settings.',
      },
    ];
  });
