import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasTmux, openPane, type Pane } from './terminal/pane.js';

let pane: Pane | undefined;

afterEach(() => {
  pane?.cleanUp();
  pane = undefined;
});

const usual = { columns: 80, rows: 24 };

describe.skipIf(!hasTmux)('a run on a terminal (needs tmux)', () => {
  it.each([usual, { columns: 60, rows: 10 }, { columns: 200, rows: 50 }])(
    'shows phases, steps and progress on $columns x $rows',
    async (size) => {
      pane = openPane('good', size);
      const during = await pane.shows('42 %');
      expect(during).toContain('db1:3306: fetch its binary log over SSH');
      expect(during).toContain('› [########------------] 42 %, 42 MiB, 1000');
      expect(during).toContain('› planning again: the tail grew');
      pane.go();
      const after = await pane.shows('EXIT 0');
      expect(after).toContain('✔ Phase 1: save binlog of the dead source 2.1 s');
      expect(after).toContain('› db2:3306 is the new source');
      expect(after).toMatch(/said beside it\nTHE REPORT\nEXIT 0$/);
    },
  );

  it('leaves one line of each phase that went well', async () => {
    pane = openPane('good', usual);
    await pane.shows('42 %');
    pane.go();
    const lines = (await pane.shows('EXIT 0')).split('\n');
    expect(lines.filter((line) => line.includes('✔'))).toEqual([
      '✔ Freeze the replicas 402 ms',
      '✔ Phase 1: save binlog of the dead source 2.1 s',
    ]);
  });

  it('keeps the steps of a phase that failed, with the reason, and what was put back', async () => {
    pane = openPane('bad', usual);
    const lines = (await pane.shows('EXIT 0')).split('\n');
    expect(lines).toEqual([
      '✔ Freeze the replicas 402 ms',
      '✖ Phase 4: apply the saved binlog 30 ms',
      '  ✔ db2:3306: apply up to the target 12 ms',
      '  ✖ db3:3306: apply up to the target 12 ms',
      '    › error 1062: Duplicate entry',
      '✔ Put back',
      'THE REPORT',
      'EXIT 0',
    ]);
    expect(pane.colours()).toContain('\u001B[31m✖');
  });

  it('takes events in any order and closes what was left open', async () => {
    pane = openPane('odd', usual);
    const text = await pane.shows('EXIT 0');
    expect(text).toBe(
      [
        '✖ Phase 5: promote did not end',
        '  ✖ db2:3306: open for writes',
        '    › did not end',
        'THE REPORT',
        'EXIT 0',
      ].join('\n'),
    );
    expect(pane.noted()).toBe('finished\n');
  });

  it('gives back the terminal and what was held back when the process ends in the middle', async () => {
    pane = openPane('crash', usual);
    const text = await pane.shows('EXIT 3');
    expect(text).toContain('a fault of its own\n');
  });

  it('shows no colours when NO_COLOR asks for none', async () => {
    pane = openPane('bad', usual, ['NO_COLOR=1']);
    await pane.shows('EXIT 0');
    expect(pane.colours()).not.toMatch(/\u001B\[3[1-6]m/);
  });

  it.each(['C-c', 'C-d'])('shows a question that is asked in the middle, and takes %s for no', async (key) => {
    pane = openPane('asking', usual);
    await pane.shows('Promote db2? (yes/NO):');
    pane.press(key);
    await pane.notes('DECLINED');
    await pane.shows('EXIT 0');
  });

  it.each(['CI=1', 'TERM=dumb'])('tells it in lines where nothing can be drawn (%s)', async (env) => {
    pane = openPane('bad', { columns: 200, rows: 50 }, [env]);
    const text = await pane.shows('EXIT 0');
    expect(text).toMatch(/Z INFO {2}\[freeze\] db2:3306: stop the receiver \(12 ms\)/);
    expect(text).not.toContain('✔');
  });

  it('goes on when the terminal is closed in the middle', async () => {
    pane = openPane('alone', usual);
    await pane.notes('begun');
    pane.close();
    await pane.notes('finished');
    expect(pane.noted()).toBe('begun\nSIGHUP\nfinished\n');
  });
});

describe('a run without a terminal', () => {
  it('goes on when the reader of its lines is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mha-ts-pipe-'));
    const script = join(import.meta.dirname, 'terminal/play-run.mjs');
    const log = join(folder, 'log');
    spawnSync('sh', ['-c', `"${process.execPath}" "${script}" alone "${log}" 2>&1 | :`], { timeout: 30_000 });
    expect(readFileSync(log, 'utf8')).toBe('begun\nfinished\n');
    rmSync(folder, { recursive: true, force: true });
  });
});
