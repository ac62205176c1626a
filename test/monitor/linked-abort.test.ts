import { expect, it } from 'vitest';
import { linkedAbort } from '../../src/monitor/linked-abort.js';

it('serves a dozen replicas that are asked at once, without a word of Node on the terminal', async () => {
  const warned: string[] = [];
  const note = ({ name }: Error): void => void warned.push(name);
  process.on('warning', note);
  const linked = linkedAbort(new AbortController().signal);
  for (let replica = 1; replica <= 12; replica += 1) linked.signal.addEventListener('abort', () => undefined);
  // A warning is told on the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  linked.end();
  expect(warned).toEqual([]);
});
