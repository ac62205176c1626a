import { findServer } from '../config/find-server.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';

/** The server that `--new-master` names; a name that means nobody, or several, is told before anything is asked or done. */
export async function forced(
  settings: ClusterSettings,
  newMaster: string | undefined,
): Promise<{ readonly forced?: ServerId }> {
  return newMaster === undefined ? {} : { forced: (await findServer(settings, newMaster)).id };
}
