import { isFault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Servers } from '../ports/servers.js';

const askMs = 5_000;

/**
 * Prepared XA transactions are state that came with the data: the new source holds them, with their locks, and only their
 * names end them. Nothing is said where our account may not ask.
 */
export async function preparedOn(server: ServerId, servers: Pick<Servers, 'preparedXa'>): Promise<readonly string[]> {
  try {
    const names = await servers.preparedXa(server, { deadlineMs: askMs });
    if (names.length === 0) return [];
    const list = names.join('; ');
    return [
      `${server} holds prepared XA transactions with their locks (${list}): end each with XA COMMIT or XA ROLLBACK.`,
    ];
  } catch (error) {
    if (isFault(error)) return [];
    throw error;
  }
}
