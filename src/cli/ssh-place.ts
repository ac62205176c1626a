import type { ServerSettings } from '../model/settings.js';
import type { SshPlace } from '../monitor/still-silent.js';
import { localSshHome, targetOf } from '../ssh/target.js';

/** Where its host's sshd listens; undefined where a jump host lies between. */
export function sshPlaceOf({ ssh }: ServerSettings): SshPlace | undefined {
  const { address, port, jumps } = targetOf(ssh, localSshHome());
  return jumps.length > 0 ? undefined : { address, port };
}
