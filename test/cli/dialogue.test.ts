import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDialogue } from '../../src/cli/dialogue.js';

const calm = new AbortController().signal;

function quiet(): void {
  const silenced = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => silenced.mockRestore());
}

/** `yes | ...`, which ends here at last, so that whoever reads on does not hang. */
function yes(most: number): { readonly stream: Readable; readonly taken: () => number } {
  let taken = 0;
  const stream = new Readable({
    read() {
      taken += 1;
      this.push(taken > most ? null : 'y\n'.repeat(1_000));
    },
  });
  return { stream, taken: () => taken };
}

async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
}

describe('answers from a pipe', () => {
  it('are not read while nothing is asked, however many there are', async () => {
    quiet();
    const { stream, taken } = yes(2_000);
    const dialogue = openDialogue(stream);
    await aWhile();
    expect(taken()).toBe(0);
    for (let question = 0; question < 5_000; question += 1) expect(await dialogue.ask('?', calm)).toBe('y');
    await aWhile();
    // 5,000 lines are five portions; a stream reads ahead by what it may hold.
    expect(taken()).toBeLessThan(50);
    dialogue.close();
  });

  it('let the process end when everything is asked, although nobody closes the pipe', async () => {
    const file = join(import.meta.dirname, '../../dist/cli/dialogue.js');
    const program = `
      import { openDialogue } from ${JSON.stringify(file)};
      const dialogue = openDialogue();
      const { signal } = new AbortController();
      const answers = [];
      for (let question = 0; question < 3; question += 1) answers.push(await dialogue.ask('?', signal));
      dialogue.close();
      process.stdout.write(JSON.stringify(answers));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (piece: Buffer) => (text += String(piece)));
    child.stdin.write('no\n\nNO\n');
    const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(15_000) })) as [number | null];
    expect([code, text]).toEqual([0, '["no","","NO"]']);
  });

  it('come one for each question, those of one portion too, until there are none', async () => {
    quiet();
    const dialogue = openDialogue(Readable.from(['no\nyes\nd', 'b3\n', 'yes']));
    const answers = [];
    for (let question = 0; question < 6; question += 1) answers.push(await dialogue.ask('?', calm));
    expect(answers).toEqual(['no', 'yes', 'db3', 'yes', undefined, undefined]);
    dialogue.close();
  });
});
