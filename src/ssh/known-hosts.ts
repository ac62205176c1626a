import { createHmac } from 'node:crypto';

/**
 * The `known_hosts` format of OpenSSH (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT") as a parser and a look-up; no files
 * are opened here. A line that is not understood is no evidence for or against a key, so it is skipped.
 */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** The first field as written: patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  readonly key: Buffer;
  readonly file: string;
  readonly line: number;
}

export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, file, index + 1) ?? []);
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  const fields = text.trim().split(/\s+/);
  if (text.trim() === '' || fields[0]?.startsWith('#') === true) return undefined;
  const marker = fields[0]?.startsWith('@') === true ? fields.shift()?.slice(1) : undefined;
  const [hosts, keyType, encoded] = fields;
  if (hosts === undefined || keyType === undefined || encoded === undefined) return undefined;
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined;
  const key = Buffer.from(encoded, 'base64');
  return keyTypeOf(key) === keyType ? { marker, hosts, keyType, key, file, line } : undefined;
}

/** A public key begins with its own type as a length-prefixed string (RFC 4253, 6.6). */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}

/** The name OpenSSH files a host under: bare on port 22, `[name]:port` elsewhere. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${String(port)}`;
}

export function isForHost(entry: KnownHost, name: string): boolean {
  return entry.hosts.startsWith('|1|') ? isHashOf(entry.hosts, name) : matchesPatterns(entry.hosts, name);
}

function isHashOf(hashed: string, name: string): boolean {
  const [, , salt, digest] = hashed.split('|');
  if (salt === undefined || digest === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === digest;
}

/** A negated pattern that matches excludes the host, wherever it stands in the list. */
function matchesPatterns(list: string, name: string): boolean {
  let matched = false;
  for (const pattern of list.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcardMatches(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function wildcardMatches(pattern: string, name: string): boolean {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (sign) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`,
  );
  return new RegExp(`^${source}$`).test(name);
}

/** What the files say about one host: the keys that may be shown, and those that must not be. */
export interface HostRecord {
  readonly trusted: readonly KnownHost[];
  readonly revoked: readonly KnownHost[];
  /** Lines that name a certificate authority for the host. Host certificates are not supported. */
  readonly authorities: readonly KnownHost[];
}

/** @param names every name the host may be filed under; a line for any of them counts */
export function lookUp(entries: readonly KnownHost[], names: readonly string[]): HostRecord {
  const matching = entries.filter((entry) => names.some((name) => isForHost(entry, name)));
  return {
    trusted: matching.filter(({ marker }) => marker === undefined),
    revoked: matching.filter(({ marker }) => marker === 'revoked'),
    authorities: matching.filter(({ marker }) => marker === 'cert-authority'),
  };
}
