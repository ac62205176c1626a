import { createInterface } from 'node:readline/promises';
import { Fault } from '../model/fault.js';

/** Asks on the terminal. Without one it refuses rather than hang: scripts say --yes. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Fault('CONFIRMATION_NEEDED', { question });
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question} (yes/NO): `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    // Ctrl-C and Ctrl-D are keys to readline, and no signals while it reads: whoever presses them means no.
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    process.stderr.write('\n');
    return false;
  } finally {
    dialogue.close();
  }
}
