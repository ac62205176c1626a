/**
 * One abort signal for a command: the first SIGINT or SIGTERM asks it to end in order, a second one of them ends the process.
 * Returns the signal and how to stop listening.
 */
export function abortOnSignals(say: (text: string) => void): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let asked = false;
  const listener = (name: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    say(`${name}: ending in order; once more to end at once`);
    controller.abort(new Error(`ended by ${name}`));
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}
