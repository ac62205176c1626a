import { afterEach, describe, expect, it, vi } from 'vitest';
import { abortOnSignals } from '../../src/cli/signals.js';

const said: string[] = [];
let stop = (): void => undefined;

function listen(hasTerminal: boolean): AbortSignal {
  const listening = abortOnSignals((text) => said.push(text), hasTerminal);
  stop = () => {
    listening.stop();
  };
  return listening.signal;
}

afterEach(() => {
  stop();
  said.length = 0;
  vi.restoreAllMocks();
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('the first %s asks for an end in order, the second ends at once', (name) => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const signal = listen(true);
    process.emit(name, name);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: 'ENDED_BY_SIGNAL', facts: { signal: name } });
    expect(said).toEqual([`${name}: ending in order; once more to end at once`]);
    expect(exit).not.toHaveBeenCalled();
    process.emit(name, name);
    expect(exit).toHaveBeenCalledWith(1);
    expect(said[1]).toBe(
      `${name}: ended at once; what a run has changed is put back by the next manager, failover or switch`,
    );
  });

  it('a terminal that is gone asks for an end in order, however often it says so', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const signal = listen(true);
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    expect(signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
  });

  it('a command in the background does not end with the login that started it', () => {
    const signal = listen(false);
    process.emit('SIGHUP', 'SIGHUP');
    expect(signal.aborted).toBe(false);
  });

  it('stops listening when it is told to', () => {
    const before = process.listenerCount('SIGTERM');
    listen(true);
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    stop();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
