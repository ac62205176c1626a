import type { Check } from '../evidence.js';
import { candidatesOf, sourceOf } from '../roles.js';

const anyAddress: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::']);

/** A server that may lead listens where its replicas will connect. */
export const bindAddress: Check = (evidence) => {
  const source = sourceOf(evidence);
  const leaders = source === undefined ? candidatesOf(evidence) : [source, ...candidatesOf(evidence)];
  return leaders.flatMap(({ id, settings, state }) => {
    const bound = state.bindAddress.split(',').map((part) => part.trim().toLowerCase());
    const isServed = bound.some(
      (part) => anyAddress.has(part) || part === settings.address || part === settings.hostname,
    );
    // A host name in bind_address can only be judged by the host itself; a loopback can be judged here.
    if (isServed || !bound.every(isLoopback)) return [];
    return [
      {
        id: 'bind-address',
        severity: 'warn' as const,
        server: id,
        seen: `${id} listens on ${state.bindAddress} only`,
        matters: `Other hosts cannot connect to ${settings.address}, so no replica could follow it.`,
        fix: `Set bind_address in its option file so that it includes ${settings.address}, and restart it.`,
      },
    ];
  });
};

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}
