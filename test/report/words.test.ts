import { describe, expect, it } from 'vitest';
import { countOf, formatBytes, formatMs } from '../../src/report/amounts.js';
import { canDraw } from '../../src/report/choose.js';
import { wantsColour } from '../../src/report/paint.js';
import { progressBar } from '../../src/report/progress-bar.js';
import { shareOf } from '../../src/report/step-words.js';
import { told } from './happenings.js';

describe('amounts', () => {
  it.each([
    [0, '0 ms'],
    [841.6, '842 ms'],
    [999.6, '1.0 s'],
    [12_340, '12.3 s'],
    [59_999, '1 min 0 s'],
    [185_000, '3 min 5 s'],
    [-3, '0 ms'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it.each([
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [5 * 1024 ** 3, '5.0 GiB'],
    [5000 * 1024 ** 4, '5000.0 TiB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('knows one from many', () => {
    expect([countOf(1, 'transaction'), countOf(0, 'transaction')]).toEqual(['1 transaction', '0 transactions']);
  });
});

describe('progress', () => {
  const told42 = { kind: 'step-progress', phase: 'save-binlog', step: 's', text: '42 MiB', done: 42 } as const;

  it('is drawn as a bar where the end is known, else told in words', () => {
    const events = told([0, { ...told42, total: 100 }], [0, told42]);
    const bars = events.map((event) => (event.kind === 'step-progress' ? progressBar(event) : event.kind));
    expect(bars).toEqual(['[########------------] 42 %, 42 MiB', '42 MiB']);
  });

  it('never passes its end, and has no share of nothing', () => {
    expect([shareOf(120, 100), shareOf(0, 0), shareOf(5, undefined)]).toEqual([1, undefined, undefined]);
  });
});

describe('the choice of a screen', () => {
  const terminal = { isTTY: true, columns: 80, env: { TERM: 'xterm' } };

  it('draws on a terminal alone', () => {
    expect(canDraw(terminal)).toBe(true);
    expect(canDraw({ ...terminal, isTTY: false })).toBe(false);
    expect(canDraw({ ...terminal, columns: 0 })).toBe(false);
    expect(canDraw({ ...terminal, columns: undefined })).toBe(false);
    expect(canDraw({ ...terminal, env: { TERM: 'dumb' } })).toBe(false);
    expect(canDraw({ ...terminal, env: { CI: '1' } })).toBe(false);
    expect(canDraw({ ...terminal, env: { CI: 'false' } })).toBe(true);
  });

  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false, true],
    [{ TERM: 'dumb' }, true, false],
  ])('with %o on a terminal (%s) colours are %s', (env, isTTY, wanted) => {
    expect(wantsColour({ env, isTTY })).toBe(wanted);
  });
});
