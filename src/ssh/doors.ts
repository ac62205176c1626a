import type { ServerId, ServerSettings } from '../model/settings.js';
import type { Door, Shells } from '../ports/shell.js';
import type { DialContext } from './dial.js';
import { createDoor } from './door.js';
import type { HostKeyNotice } from './host-key.js';
import { createKeyring } from './keys.js';
import { localSshHome, type SshHome, type Target, targetOf } from './target.js';
import { usualWarmth, type WarmPolicy } from './warm-shells.js';

export interface ShellsOptions {
  /** Called for each host key that was recorded or let pass. Left out: nobody hears of it. */
  readonly onNotice?: (notice: HostKeyNotice) => void;
  /** Where keys and records lie; left out: the account's own. */
  readonly home?: SshHome;
  /** Shells that are kept waiting on each connection; left out: as many as a failover can use. */
  readonly warmth?: WarmPolicy;
}

/** Doors for the given servers, one for all servers behind the same login. Nothing is connected yet. */
export function openShells(
  servers: readonly Pick<ServerSettings, 'id' | 'ssh'>[],
  options: ShellsOptions = {},
): Shells {
  const home = options.home ?? localSshHome();
  const context: DialContext = {
    home,
    keyring: createKeyring(home),
    onNotice: options.onNotice ?? (() => undefined),
    warmth: options.warmth ?? usualWarmth,
  };
  const shared = new Map<string, Door>();
  const doors = new Map<ServerId, Door>();
  for (const { id, ssh } of servers) {
    const target = targetOf(ssh, home);
    const door = shared.get(loginOf(target)) ?? createDoor(target, context);
    shared.set(loginOf(target), door);
    doors.set(id, door);
  }
  return {
    door: (id) => {
      const door = doors.get(id);
      if (door === undefined) throw new RangeError(`no server ${id} in this cluster`);
      return door;
    },
    close: () => {
      for (const door of shared.values()) door.close();
    },
  };
}

function loginOf(target: Target): string {
  return JSON.stringify(target);
}
