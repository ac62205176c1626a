import { describeError } from '../model/fault.js';
import type { Door } from '../ports/shell.js';
import type { NamedProcess } from './guard.js';
import { keepsContainer } from './server-process.js';
import { chooseMeasure, signalProcess, stopUnit } from './supervisor.js';

const name = (process: NamedProcess): string => `${process.name} (pid ${String(process.pid)})`;

/**
 * What was done on the old source's host about whatever starts its server again, in order, and what is still open.
 * It lives as long as the guard does.
 */
export class Supervision {
  readonly #door: Door;
  readonly #lines: string[] = [];
  readonly #frozen: NamedProcess[] = [];
  readonly #stoppedUnits: string[] = [];
  /** Parents that were alive and could start the server again, but have not been seen to. */
  readonly #suspects: NamedProcess[] = [];
  /** Somebody may start it again who was not stopped and cannot be looked after. */
  #openEnds = false;
  /** Scripts that were killed, each of which may have started one more server just before. */
  #unexplainedScripts = 0;
  #killedScripts = 0;

  constructor(door: Door) {
    this.#door = door;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  get frozen(): readonly NamedProcess[] {
    return this.#frozen;
  }

  get stoppedUnits(): readonly string[] {
    return this.#stoppedUnits;
  }

  /** Each line once: looking again finds the same again. */
  note(line: string): void {
    if (!this.#lines.includes(line)) this.#lines.push(line);
  }

  async stopUnit(unit: string): Promise<void> {
    try {
      if (await stopUnit(this.#door, unit)) {
        this.#stoppedUnits.push(unit);
        this.note(`stopped ${unit}`);
        return;
      }
      this.note(`${unit} could not be stopped`);
    } catch (error) {
      this.note(`${unit} could not be stopped: ${describeError(error)}`);
    }
    this.#openEnds = true;
  }

  /** Acts on the ancestors of a server that was killed, or that was the source before it died. */
  async meet(ancestors: readonly NamedProcess[], restarted: boolean): Promise<void> {
    const measure = chooseMeasure(ancestors, restarted);
    if (ancestors.some(keepsContainer)) this.#openEnds = true;
    const [parent] = ancestors;
    if (measure.do === 'nothing') {
      if (restarted && this.#unexplainedScripts > 0) this.#unexplainedScripts -= 1;
      // Init, a container's engine or a login: it cannot be stopped, so only the guard can keep the server down.
      else if (restarted) this.#openEnds = true;
      else this.#suspect(parent);
      return;
    }
    await this.#apply(measure.do, measure.process);
    if (measure.do !== 'kill') return;
    // A second script: somebody starts the scripts anew.
    if (this.#killedScripts > 1) await this.meet(ancestors.slice(1), true);
    else this.#suspect(ancestors[1]);
  }

  #suspect(process: NamedProcess | undefined): void {
    if (process !== undefined && process.pid > 1) this.#suspects.push(process);
  }

  async #apply(act: 'kill' | 'freeze', process: NamedProcess): Promise<void> {
    if (this.#frozen.some(({ pid, startTime }) => pid === process.pid && startTime === process.startTime)) return;
    const answer = await signalProcess(this.#door, process, act === 'kill' ? 'KILL' : 'STOP').catch(describeError);
    if (answer === 'gone') return;
    if (answer !== 'signalled') {
      this.#openEnds = true;
      this.note(`${name(process)} starts the server and could not be stopped (${answer})`);
      return;
    }
    if (act === 'kill') {
      this.#unexplainedScripts += 1;
      this.#killedScripts += 1;
      this.note(`killed ${name(process)}, which restarts the server`);
      return;
    }
    this.#frozen.push(process);
    this.note(`froze ${name(process)}, which had started the server again`);
  }

  /** May the server come back once nobody watches? True as well when that cannot be told. */
  async mayReturn(): Promise<boolean> {
    if (this.#openEnds || this.#frozen.length > 0) return true;
    const alive = await Promise.all(
      this.#suspects.map((process) => signalProcess(this.#door, process, '0').catch(() => 'cannot-tell' as const)),
    );
    return alive.some((answer) => answer !== 'gone');
  }

  /** Wakes what was frozen. */
  async thaw(): Promise<void> {
    for (const process of this.#frozen) {
      const answer = await signalProcess(this.#door, process, 'CONT').catch(describeError);
      this.note(`woke ${name(process)}${answer === 'signalled' ? '' : `: ${answer}`}`);
    }
  }
}
