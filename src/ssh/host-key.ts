import { createHash } from 'node:crypto';
import { describeError, Fault } from '../model/fault.js';
import { type HostRecord, isForHost, type KnownHost, keyTypeOf, knownHostsName, lookUp } from './known-hosts.js';
import { appendKnownHost, readKnownHosts } from './known-hosts-file.js';
import type { SshHome, Target } from './target.js';

/** Something a person should hear about a host key. It does not stop the connection. */
export interface HostKeyNotice {
  readonly host: string;
  /** `recorded`: seen for the first time. The others say what the site's own options let pass. */
  readonly kind: 'recorded' | 'not-recorded' | 'changed-accepted';
  readonly keyType: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly file: string;
  /** Why it was not recorded. */
  readonly reason?: string;
}

/** What is known of a host's keys before it is connected to. */
export interface HostTrust {
  /** Types of the recorded keys; empty when none is. Asking for these makes the server show the right key. */
  readonly keyTypes: readonly string[];
  /** Throws a Fault for a key that must be refused; returns what remains to be told and recorded otherwise. */
  judge(key: Buffer): Judgement;
  /** The Fault for a server that has none of the recorded key types any more. */
  noSuchType(): Fault;
}

export type Judgement =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'new' }
  | { readonly verdict: 'changed-accepted'; readonly file: string };

const checkable = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ssh-dss',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
]);

export async function readHostTrust(target: Target, home: SshHome): Promise<HostTrust> {
  const entries = await readKnownHosts([...target.knownHostsFiles, ...home.globalKnownHosts]);
  const record = lookUp(entries, namesOf(target, target.port));
  // OpenSSH takes a key that is on record without the port too, but only as a yes, never as a no.
  const withoutPort = lookUp(entries, namesOf(target, 22));
  const trusted = record.trusted.filter(({ keyType }) => checkable.has(keyType));
  return {
    keyTypes: [...new Set(trusted.map(({ keyType }) => keyType))],
    judge: (key) => judge(key, { ...record, trusted }, withoutPort, target),
    noSuchType: () => changed(target, trusted[0]),
  };
}

/** MHA connected to the address, so existing sites have their hosts on record under it as often as under the name. */
function namesOf({ host, address }: Target, port: number): readonly string[] {
  return [...new Set([knownHostsName(host, port), knownHostsName(address, port)])];
}

function judge(key: Buffer, record: HostRecord, withoutPort: HostRecord, target: Target): Judgement {
  const isKey = (entry: KnownHost): boolean => entry.key.equals(key);
  const revoked = [...record.revoked, ...withoutPort.revoked].find(isKey);
  if (revoked !== undefined) {
    throw new Fault('SSH_HOST_KEY_REVOKED', { host: target.host, file: revoked.file, line: revoked.line });
  }
  if (record.trusted.some(isKey)) return { verdict: 'known' };
  const [recorded] = record.trusted;
  if (recorded !== undefined) {
    if (target.hostKeyPolicy !== 'accept-any') throw changed(target, recorded);
    return { verdict: 'changed-accepted', file: recorded.file };
  }
  if (withoutPort.trusted.some(isKey)) return { verdict: 'known' };
  if (target.hostKeyPolicy === 'strict') throw unknownKey(target, key, record);
  return { verdict: 'new' };
}

function changed(target: Target, recorded: KnownHost | undefined): Fault {
  const names = namesOf(target, target.port);
  return new Fault('SSH_HOST_KEY_CHANGED', {
    host: target.host,
    name: names.find((name) => recorded !== undefined && isForHost(recorded, name)) ?? String(names[0]),
    file: recorded?.file ?? '(unknown)',
    line: recorded?.line ?? 0,
  });
}

function unknownKey(target: Target, key: Buffer, record: HostRecord): Fault {
  return new Fault('SSH_HOST_KEY_UNKNOWN', {
    host: target.host,
    address: target.address,
    port: target.port,
    file: target.knownHostsFiles[0] ?? '(none)',
    keyType: keyTypeOf(key) ?? 'unknown',
    fingerprint: fingerprint(key),
    authority: record.authorities.length > 0,
  });
}

/** Records a new key where OpenSSH would, and says what was done. A file that cannot be written is told, not fatal. */
export async function settleHostKey(
  key: Buffer,
  judgement: Judgement,
  target: Target,
): Promise<HostKeyNotice | undefined> {
  if (judgement.verdict === 'known') return undefined;
  const keyType = keyTypeOf(key) ?? 'unknown';
  const said = { host: target.host, keyType, fingerprint: fingerprint(key) };
  if (judgement.verdict === 'changed-accepted') return { ...said, kind: 'changed-accepted', file: judgement.file };
  const [file] = target.knownHostsFiles;
  if (file === undefined) return { ...said, kind: 'not-recorded', file: '', reason: 'UserKnownHostsFile is none' };
  try {
    // Another thread or process may have met the host in the same moment.
    const { trusted } = lookUp(await readKnownHosts([file]), namesOf(target, target.port));
    if (trusted.some((entry) => entry.key.equals(key))) return undefined;
    await appendKnownHost(file, knownHostsName(target.host, target.port), keyType, key);
    return { ...said, kind: 'recorded', file };
  } catch (error) {
    return { ...said, kind: 'not-recorded', file, reason: describeError(error) };
  }
}

export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
