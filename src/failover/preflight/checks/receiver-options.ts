import type { Finding } from '../../../model/finding.js';
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

/**
 * An account of caching_sha2_password logs in without TLS only with the source's public key, unless the source has seen the
 * password before: the present one has, a new one may not have.
 */
export const sourcePublicKey: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, state, channel }): readonly Finding[] => {
    const { getPublicKey, publicKeyPath = '' } = channel.receiverOptions ?? {};
    if (channel.ssl.allowed || getPublicKey !== false || publicKeyPath !== '') return [];
    return [
      {
        id: 'source-public-key',
        // Since 9.0 there is no other kind of account.
        severity: state.version.major >= 9 ? 'warn' : 'note',
        server: id,
        seen: `${id} replicates without TLS and without the public key of its source`,
        matters: 'A new source may refuse an account of caching_sha2_password that it has not seen before.',
        fix: 'Set SOURCE_SSL=1, or GET_SOURCE_PUBLIC_KEY=1, in its replication settings.',
      },
    ];
  });
