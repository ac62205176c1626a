import { appendFile } from 'node:fs/promises';

/**
 * A file that is opened anew for every write, as MHA does with its log: one that logrotate has moved away, or somebody has
 * removed, begins again under its own name, and a disk that was full for a while ends nothing. Writing never waits: what
 * comes meanwhile goes out together.
 */
export class AppendedFile {
  readonly #file: string;
  readonly #failed: (error: unknown) => void;
  #waiting = '';
  #writing: Promise<void> | undefined;
  #isBroken = false;

  /** @param failed is told once, and again after a time when it went well */
  constructor(file: string, failed: (error: unknown) => void) {
    this.#file = file;
    this.#failed = failed;
  }

  write(text: string): void {
    if (text === '') return;
    this.#waiting += text;
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything that came is written, or could not be. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      try {
        await appendFile(this.#file, text, { mode: 0o640 });
        this.#isBroken = false;
      } catch (error) {
        if (!this.#isBroken) this.#failed(error);
        this.#isBroken = true;
      }
    }
    this.#writing = undefined;
  }
}
