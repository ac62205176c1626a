import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../model/secret.js';

/** The two ways of proving a password that replicas use; which one is offered follows the source's version. */
export type AuthPlugin = 'mysql_native_password' | 'caching_sha2_password';

/**
 * MariaDB has no client side of caching_sha2; MySQL 9 may lack the client side of the native one. Both know what
 * a source of their own family and age would offer.
 */
export function pluginFor(version: string): AuthPlugin {
  const major = Number.parseInt(version, 10);
  return !/mariadb/i.test(version) && major >= 8 ? 'caching_sha2_password' : 'mysql_native_password';
}

/** 20 random bytes, none of them zero and none above 126, as servers send them. */
export function makeNonce(): Buffer {
  return randomBytes(20).map((byte) => (byte % 126) + 1) as Buffer;
}

function digest(algorithm: 'sha1' | 'sha256', ...parts: readonly Buffer[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** What a client that knows the password answers to this nonce. An empty password is answered with nothing. */
export function expectedScramble(plugin: AuthPlugin, password: Secret, nonce: Buffer): Buffer {
  if (password.isEmpty) return Buffer.alloc(0);
  const text = Buffer.from(password.reveal(), 'utf8');
  const algorithm = plugin === 'mysql_native_password' ? 'sha1' : 'sha256';
  const once = digest(algorithm, text);
  const twice = digest(algorithm, once);
  const mask = plugin === 'mysql_native_password' ? digest('sha1', nonce, twice) : digest('sha256', twice, nonce);
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

export function provesPassword(plugin: AuthPlugin, password: Secret, nonce: Buffer, answer: Buffer): boolean {
  const expected = expectedScramble(plugin, password, nonce);
  return expected.length === answer.length && timingSafeEqual(expected, answer);
}
