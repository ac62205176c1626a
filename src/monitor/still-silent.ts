import type { Knock } from '../ports/knock.js';
import { linkedAbort } from './linked-abort.js';

export interface SshPlace {
  readonly address: string;
  readonly port: number;
}

/**
 * Asks a host that was silent before, and gives up as soon as its sshd's port shows nothing once more: while a host is
 * gone a connection to it hangs, and clients wait for the end of that. One that refuses or accepts is there, and its
 * answer is waited for.
 */
export async function unlessStillSilent<T>(
  { address, port }: SshPlace,
  withinMs: number,
  knock: Knock,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const given = linkedAbort(signal);
  const silence = knock(address, port, withinMs).then((sight) => {
    if (sight === 'no-answer') throw new Error(`port ${String(port)} of ${address} gives no answer`);
    return new Promise<never>(() => undefined);
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([ask(given.signal), silence]);
  } finally {
    given.end();
  }
}
