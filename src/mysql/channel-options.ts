import type { ApplierOptions, ReceiverOptions, SslSettings } from '../model/channel-options.js';
import type { Row } from '../ports/servers.js';
import { optionalNumber, optionalText, text } from './rows.js';

/** TLS as the replica status tells it, in the words of either family. */
export function sslOf(row: Row): SslSettings {
  const option = (name: string): string => text(row, `Source_SSL_${name}`, `Master_SSL_${name}`);
  return {
    allowed: option('Allowed') === 'Yes',
    caFile: option('CA_File'),
    caPath: option('CA_Path'),
    cert: option('Cert'),
    cipher: option('Cipher'),
    key: option('Key'),
    verifyServerCert: option('Verify_Server_Cert') === 'Yes',
    crl: option('Crl'),
    crlPath: option('Crlpath'),
    ...given('tlsVersion', optionalText(row, 'Source_TLS_Version', 'Master_TLS_Version')),
  };
}

/** What the replica status tells of the receiver besides; the rest is in performance_schema. */
export function receiverOptionsOf(row: Row): ReceiverOptions {
  const getPublicKey = optionalText(row, 'Get_Source_public_key', 'Get_master_public_key');
  return {
    ...given('retryCount', optionalNumber(row, 'Source_Retry_Count', 'Master_Retry_Count')),
    ...given('publicKeyPath', optionalText(row, 'Source_public_key_path', 'Master_public_key_path')),
    ...(getPublicKey === undefined ? {} : { getPublicKey: getPublicKey === '1' }),
    ...given('networkNamespace', optionalText(row, 'Network_Namespace')),
  };
}

/** The same from replication_connection_configuration: columns that the server does not have are left out. */
export function configuredReceiver(row: Row): ReceiverOptions {
  return {
    ...given('compression', optionalText(row, 'COMPRESSION_ALGORITHM')),
    ...given('zstdLevel', optionalNumber(row, 'ZSTD_COMPRESSION_LEVEL')),
    ...flag('autoFailover', row, 'SOURCE_CONNECTION_AUTO_FAILOVER'),
  };
}

export function configuredCiphersuites(row: Row): Pick<SslSettings, 'tlsCiphersuites'> {
  return given('tlsCiphersuites', optionalText(row, 'TLS_CIPHERSUITES'));
}

/** From replication_applier_configuration, and GTID_ONLY from the receiver's table, where the server shows it. */
export function configuredApplier(row: Row): ApplierOptions {
  const hasChecks = 'PRIVILEGE_CHECKS_USER' in row;
  return {
    ...(hasChecks ? { privilegeChecksUser: text(row, 'PRIVILEGE_CHECKS_USER') } : {}),
    ...flag('requireRowFormat', row, 'REQUIRE_ROW_FORMAT'),
    ...given('primaryKeyCheck', optionalText(row, 'REQUIRE_TABLE_PRIMARY_KEY_CHECK')),
    ...flag('gtidOnly', row, 'GTID_ONLY'),
  };
}

/** Some columns say YES and NO, others 1 and 0. */
function flag<Name extends string>(name: Name, row: Row, column: string): Partial<Record<Name, boolean>> {
  const value = optionalText(row, column);
  return given(name, value === undefined ? undefined : value === 'YES' || value === '1');
}

function given<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  const one: Partial<Record<Name, T>> = {};
  if (value !== undefined) one[name] = value;
  return one;
}
