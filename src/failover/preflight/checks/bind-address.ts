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

/**
 * Debian writes a host's own name into its /etc/hosts as 127.0.1.1: on a manager that runs on a database host that server
 * then has an address by which only it can be reached. Where all are on one machine, a loopback serves everybody.
 */
export const loopbackAddress: Check = ({ settings: { servers } }) => {
  const own = servers.filter(({ address }) => isLoopback(address));
  if (own.length === servers.length) return [];
  return own.map(({ id, block, hostname, address }) => ({
    id: 'loopback-address',
    severity: 'warn' as const,
    server: id,
    seen: `${hostname} is ${address} on this machine, by which other hosts reach only themselves`,
    matters: `If ${id} becomes the source, replicas that follow by address are pointed to it in vain, and scripts are given it.`,
    fix: `Write ip = ADDRESS into [${block}], as other hosts know it, or correct /etc/hosts here.`,
  }));
};

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}
