import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../src/sandbox/wait.js';

/** One terminal of its own, on a tmux server of its own: what a person would see, as text. */
export interface Pane {
  /** What stands on the screen, without blank lines. */
  screen(): string;
  /** The same with colour codes. */
  colours(): string;
  /** Lets a script go on that waits to be looked at. */
  go(): void;
  /** Presses a key, by tmux's name for it. */
  press(key: string): void;
  /** Looks until the screen shows it; fails with the screen after ten seconds. */
  shows(text: string | RegExp): Promise<string>;
  /** What the script noted in its file. */
  noted(): string;
  notes(text: string): Promise<void>;
  /** Takes the terminal away, as a closed window does. */
  close(): void;
  cleanUp(): void;
}

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

const waitMs = 10_000;
const script = join(import.meta.dirname, 'play-run.mjs');

export function openPane(what: string, size: { columns: number; rows: number }, env: string[] = []): Pane {
  const folder = mkdtempSync(join(tmpdir(), 'mha-ts-pane-'));
  const socket = join(folder, 'tmux');
  const log = join(folder, 'log');
  const tmux = (...words: string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' });
  const play = ['env', '-u', 'CI', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', ...env, process.execPath, script, what, log];
  const command = `${play.join(' ')}; echo "EXIT $?"; exec sleep 60`;
  tmux('new-session', '-d', '-x', String(size.columns), '-y', String(size.rows), command);
  const capture = (...flags: string[]): string =>
    tmux('capture-pane', '-p', ...flags)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .join('\n');
  const noted = (): string => {
    try {
      return readFileSync(log, 'utf8');
    } catch {
      return '';
    }
  };
  const showing = (look: () => string, text: string | RegExp): Promise<string> => {
    const shown = (): string | undefined => {
      const seen = look();
      return (typeof text === 'string' ? seen.includes(text) : text.test(seen)) ? seen : undefined;
    };
    return until(shown, { what: `see ${String(text)}`, deadlineMs: waitMs, everyMs: 50, epitaph: look });
  };
  return {
    screen: () => capture(),
    colours: () => capture('-e'),
    go: () => {
      writeFileSync(`${log}.go`, '');
    },
    press: (key) => void tmux('send-keys', key),
    shows: (text) => showing(capture, text),
    noted,
    notes: async (text) => {
      await showing(noted, text);
    },
    close: () => void tmux('kill-server'),
    cleanUp: () => {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
