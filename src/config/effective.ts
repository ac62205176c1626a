import type { ServerSettings } from '../model/settings.js';
import type { Origin } from './block.js';
import { type Levels, writtenFor } from './inherit.js';
import { type KeyName, keyNames, keys } from './keys.js';

/** One value as it counts, with where it came from. A secret's text is masked already. */
export interface EffectiveValue {
  /** The block it counts for, `server1`, or `manager` for what belongs to the application as a whole. */
  readonly block: string;
  readonly key: KeyName;
  /** Undefined where the key has no value and nothing is assumed. */
  readonly value: string | undefined;
  readonly origin: Origin;
}

const mask = '********';

/** Everything that counts for a server, in the order of the table. */
export function effectiveServer(levels: Levels, server: ServerSettings): readonly EffectiveValue[] {
  return keyNames
    .filter((name) => keys[name].levels.includes('server'))
    .map((name) => valueOf(levels, server.block, name) ?? derived(server, name));
}

/** Everything that is set for the application as a whole. */
export function effectiveManager(levels: Levels): readonly EffectiveValue[] {
  return keyNames
    .filter((name) => !keys[name].levels.includes('server'))
    .map((name) => valueOf(levels, 'manager', name) ?? assumed('manager', name));
}

function valueOf(levels: Levels, block: string, name: KeyName): EffectiveValue | undefined {
  const written = writtenFor(levels, name);
  if (written === undefined) return undefined;
  return { block, key: name, value: masked(name, written.text), origin: written.origin };
}

function masked(name: KeyName, text: string): string {
  return keys[name].secret === true && text !== '' ? mask : text;
}

/** Values that are computed where the file does not say. */
function derived(server: ServerSettings, name: KeyName): EffectiveValue {
  const computed: Partial<Record<KeyName, readonly [value: string, from: string]>> = {
    ip: [server.address, 'hostname'],
    ssh_host: [server.ssh.host, 'hostname'],
    ssh_ip: [server.ssh.address, server.ssh.host === server.hostname ? 'ip or hostname' : 'ssh_host'],
    ssh_user: [server.ssh.user, 'the user that runs the program'],
  };
  const found = computed[name];
  if (found === undefined) return assumed(server.block, name);
  return { block: server.block, key: name, value: found[0], origin: { kind: 'resolved', from: found[1] } };
}

function assumed(block: string, name: KeyName): EffectiveValue {
  return { block, key: name, value: keys[name].default, origin: { kind: 'default' } };
}

/** `file:line`, `default`, `init_conf_load_script, line 2`, `from hostname`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${String(origin.line)}`;
    case 'script':
      return `init_conf_load_script, line ${String(origin.line)}`;
    case 'default':
      return 'default';
    case 'resolved':
      return `from ${origin.from}`;
  }
}
