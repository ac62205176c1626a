import { Fault } from '../model/fault.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One abort signal for a command: the first SIGINT, SIGTERM or SIGHUP asks it to end in order, another SIGINT or SIGTERM
 * ends the process. Returns the signal and how to stop listening.
 *
 * SIGHUP means that our terminal is gone; a command that has none is not asked. Node takes `nohup` back (it restores
 * the default at start, seen in 20.20), so a manager put into the background would otherwise end with the login that
 * started it. It may also come twice, from the terminal and from the shell: it never ends the process at once.
 */
export function abortOnSignals(
  say: (text: string) => void,
  hasTerminal: boolean = isAnyTerminal(),
): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const listener = (name: NodeJS.Signals): void => {
    if (name === 'SIGHUP' && (controller.signal.aborted || !hasTerminal)) return;
    if (controller.signal.aborted) {
      say(`${name}: ended at once; what a run has changed is put back by the next manager, failover or switch`);
      process.exit(1);
    }
    say(`${name}: ending in order; once more to end at once`);
    controller.abort(new Fault('ENDED_BY_SIGNAL', { signal: name }));
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}

function isAnyTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}
