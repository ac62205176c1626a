import type { ServerSettings } from '../model/settings.js';
import type { Problem } from './problem.js';

/** Two blocks that are one server: the same address and port, or the same name and port. */
export function findDuplicates(
  servers: readonly ServerSettings[],
  place: (block: string) => Omit<Problem, 'reason' | 'fix'>,
): Problem[] {
  const problems: Problem[] = [];
  for (const [index, server] of servers.entries()) {
    const earlier = servers.slice(0, index).find((other) => isSame(other, server));
    if (earlier === undefined) continue;
    problems.push({
      ...place(server.block),
      reason: `[${server.block}] and [${earlier.block}] are the same server ${server.address}:${String(server.port)}`,
      fix: 'Remove one of the blocks, or correct its hostname, ip or port.',
    });
  }
  return problems;
}

function isSame(a: ServerSettings, b: ServerSettings): boolean {
  return a.port === b.port && (a.address === b.address || a.hostname === b.hostname);
}
