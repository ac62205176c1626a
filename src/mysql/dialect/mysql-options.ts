import type { ApplierOptions } from '../../model/channel-options.js';
import type { SourceChange } from '../../ports/servers.js';
import { parseGrantee } from '../grantee.js';
import { named, type Setting } from './shared.js';

/**
 * The options that MySQL alone has. Each is given only where a server of this version showed it, so no version is asked for
 * here; `prefix` is SOURCE or, before 8.0.23, MASTER.
 */
export function mysqlSettings({ ssl, receiver, applier }: SourceChange, prefix: 'MASTER' | 'SOURCE'): Setting[] {
  const getPublicKey = `GET_${prefix}_PUBLIC_KEY`;
  return [
    ...named(`${prefix}_TLS_VERSION`, ssl?.tlsVersion),
    ...named(`${prefix}_TLS_CIPHERSUITES`, ssl?.tlsCiphersuites),
    ...named(`${prefix}_RETRY_COUNT`, receiver?.retryCount),
    ...named(`${prefix}_PUBLIC_KEY_PATH`, receiver?.publicKeyPath),
    ...named(getPublicKey, receiver?.getPublicKey),
    ...named(`${prefix}_COMPRESSION_ALGORITHMS`, receiver?.compression),
    ...named(`${prefix}_ZSTD_COMPRESSION_LEVEL`, receiver?.zstdLevel),
    ...named('NETWORK_NAMESPACE', receiver?.networkNamespace),
    ...named('SOURCE_CONNECTION_AUTO_FAILOVER', receiver?.autoFailover),
    ...applierSettings(applier ?? {}),
  ];
}

function applierSettings(applier: ApplierOptions): readonly Setting[] {
  return [
    ...privilegeChecks(applier.privilegeChecksUser),
    ...named('REQUIRE_ROW_FORMAT', applier.requireRowFormat),
    ...primaryKeyCheck(applier.primaryKeyCheck),
    ...named('GTID_ONLY', applier.gtidOnly),
  ];
}

function privilegeChecks(account: string | undefined): readonly Setting[] {
  if (account === undefined) return [];
  if (account === '') return [{ text: 'PRIVILEGE_CHECKS_USER=NULL', values: [] }];
  const { user, host } = parseGrantee(account);
  return [{ text: 'PRIVILEGE_CHECKS_USER=?@?', values: [user, host] }];
}

/** A word, not a string: only those that the servers have go into the text. */
function primaryKeyCheck(word: string | undefined): readonly Setting[] {
  if (word === undefined || !['STREAM', 'ON', 'OFF', 'GENERATE'].includes(word)) return [];
  return [{ text: `REQUIRE_TABLE_PRIMARY_KEY_CHECK=${word}`, values: [] }];
}
