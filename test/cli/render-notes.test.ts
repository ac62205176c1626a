import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { renderNotes, type RenderOptions } from '../../src/cli/render-notes.js';
import { createBus } from '../../src/report/bus.js';

/** The levels that came through, on the screen and in the log file. */
function told(options: RenderOptions): { readonly screen: readonly string[]; readonly log: readonly string[] } {
  const lines: Record<'screen' | 'log', string[]> = { screen: [], log: [] };
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        lines.screen.push(String(chunk));
        done();
      },
    }),
    { isTTY: false },
  ) as unknown as NodeJS.WriteStream;
  const clock = { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() };
  const bus = createBus('app1', 'watch', clock, (error) => {
    throw error;
  });
  renderNotes(bus, { ...options, stderr, env: {}, log: { write: (text) => lines.log.push(text) } });
  for (const level of ['info', 'warning', 'error'] as const) bus.emit({ kind: 'note', level, text: `a ${level}` });
  const levels = (all: readonly string[]): readonly string[] => all.map((line) => /a (\w+)/.exec(line)?.[1] ?? line);
  return { screen: levels(lines.screen), log: levels(lines.log) };
}

const all = ['info', 'warning', 'error'];

it.each<[string, RenderOptions, readonly string[], readonly string[]]>([
  ['nothing', {}, all, all],
  ['log_level=warning', { logLevel: 'warning' }, all.slice(1), all.slice(1)],
  ['log_level=error', { logLevel: 'error' }, all.slice(2), all.slice(2)],
  ['log_level=error, but --verbose', { logLevel: 'error', verbose: true }, all, all.slice(2)],
  ['--quiet', { quiet: true }, all.slice(1), all],
  ['--quiet beside JSON', { quiet: true, json: true }, [], all],
])('the story with %s', (_, options, screen, log) => {
  expect(told(options)).toEqual({ screen, log });
});
