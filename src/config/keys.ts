/**
 * The one table of configuration keys: MHA's 42 and our own. Parsing, defaults, validation, `config show` and the
 * reference page all read it; nothing else in the product knows a key's name, default or range.
 */
import type { Key } from './key.js';
import { accountKeys } from './keys/accounts.js';
import { detectionKeys } from './keys/detection.js';
import { electionKeys } from './keys/election.js';
import { hookKeys } from './keys/hooks.js';
import { managerKeys } from './keys/manager.js';
import { recoveryKeys } from './keys/recovery.js';
import { serverKeys } from './keys/servers.js';
import { sshKeys } from './keys/ssh.js';
import { unneededKeys } from './keys/unneeded.js';
import { writerAddressKeys } from './keys/writer-address.js';

const table = {
  ...serverKeys,
  ...accountKeys,
  ...sshKeys,
  ...detectionKeys,
  ...electionKeys,
  ...recoveryKeys,
  ...hookKeys,
  ...writerAddressKeys,
  ...managerKeys,
  ...unneededKeys,
};

type Table = typeof table;
export type KeyName = keyof Table;
export type KeyValue = { readonly [K in KeyName]: Table[K] extends Key<infer T> ? T : never };

export const keys: { readonly [K in KeyName]: Key<KeyValue[K]> } = table;

export function isKeyName(name: string): name is KeyName {
  return Object.hasOwn(keys, name);
}

/** It controls nothing here: files that were written for MHA stay valid. */
export function isUnneeded(name: KeyName): boolean {
  return Object.hasOwn(unneededKeys, name);
}

/** All names, in the table's order. */
export const keyNames: readonly KeyName[] = Object.keys(keys).filter(isKeyName);

/** The table in the chapters of the reference page. */
export const keyGroups: readonly { readonly title: string; readonly names: readonly KeyName[] }[] = [
  { title: 'Servers', names: namesOf(serverKeys) },
  { title: 'Accounts', names: namesOf(accountKeys) },
  { title: 'SSH', names: namesOf(sshKeys) },
  { title: 'Detection', names: namesOf(detectionKeys) },
  { title: 'Election', names: namesOf(electionKeys) },
  { title: 'Recovery and switching', names: namesOf(recoveryKeys) },
  { title: 'Hook scripts', names: namesOf(hookKeys) },
  { title: "The writer's address", names: namesOf(writerAddressKeys) },
  { title: 'The manager', names: namesOf(managerKeys) },
  { title: 'Accepted and not needed', names: namesOf(unneededKeys) },
];

function namesOf(group: object): readonly KeyName[] {
  return Object.keys(group).filter(isKeyName);
}
