import type { Algorithms, CompressionAlgorithm, KexAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

/**
 * ssh2 asks for the fast ones first (curve25519, AES-GCM) and leaves out what OpenSSH before 6.5 has to offer.
 * Hosts that old still run MySQL 5.6, so the last SHA-1 exchanges are appended; they are taken only when a server
 * knows nothing better, which the signed exchange protects against meddling.
 *
 * @param keyTypes of the recorded host keys; empty: any
 * @param compression asked for; a server that knows none is taken without
 */
export function algorithmsFor(keyTypes: readonly string[], compression: boolean): Algorithms {
  const serverHostKey = keyTypes.flatMap((type) => hostKeyAlgorithms[type] ?? []);
  const lastResort: KexAlgorithm[] = ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1'];
  const kex = { append: lastResort, prepend: [], remove: [] };
  // Only the kind that begins behind the login; OpenSSH has given up the other one (7.4).
  const compress: CompressionAlgorithm[] = compression ? ['zlib@openssh.com', 'none'] : ['none'];
  return serverHostKey.length > 0 ? { kex, compress, serverHostKey } : { kex, compress };
}

/** The signature algorithms of a key type. An RSA key is one type with three of them. */
const hostKeyAlgorithms: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
  'ssh-dss': ['ssh-dss'],
};
