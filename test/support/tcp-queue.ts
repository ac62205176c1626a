import { readFileSync } from 'node:fs';

/** States of proc(5), net/tcp. */
const states = { established: '01', listening: '0A' } as const;

/**
 * What the kernel holds for a port and its program has not taken yet: bytes of an established connection, or
 * connections that wait to be accepted.
 */
export function notTaken(port: number, state: keyof typeof states): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , kind]) => address?.endsWith(local) === true && kind === states[state]);
  return lines.reduce((sum, fields) => sum + parseInt(fields[4]?.split(':')[1] ?? '0', 16), 0);
}
