import type { Reach } from '../model/picture.js';
import type { ServerSettings } from '../model/settings.js';
import { openServersAt } from '../mysql/servers.js';
import { targetOf } from '../mysql/target.js';

/** Asks a server at another address than its own, on a connection of its own: what stood before may lead elsewhere. */
export async function askAt(server: ServerSettings, address: string, deadlineMs: number): Promise<Reach> {
  const there = openServersAt([{ ...targetOf(server), address }]);
  try {
    return await there.reach(server.id, deadlineMs);
  } finally {
    await there.close();
  }
}
