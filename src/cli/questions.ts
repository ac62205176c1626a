import { findServer } from '../config/find-server.js';
import { Fault } from '../model/fault.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import { confirm } from './confirm.js';
import type { Dialogue } from './dialogue.js';
import { hostInfo } from './host-info.js';

/** Who is asked before something is done: nobody, a terminal once, or as MHA's commands do. */
export type Asking = 'never' | 'once' | 'as-mha';

export function askingOf(flags: {
  readonly yes: boolean;
  readonly interactive?: number | undefined;
  readonly 'ask-as-mha': boolean;
}): Asking {
  if (flags.yes || flags.interactive === 0) return 'never';
  return flags['ask-as-mha'] ? 'as-mha' : 'once';
}

/** One question on a terminal. Throws DECLINED. */
export async function askOnce(question: string, signal: AbortSignal): Promise<void> {
  if (!(await confirm(question, signal))) throw new Fault('DECLINED', {});
}

/** MHA's questions, in its order and words, since its users' scripts answer them. Each throws DECLINED. */
export class MhaQuestions {
  readonly #settings: ClusterSettings;
  readonly #dialogue: Dialogue;
  readonly #signal: AbortSignal;

  constructor(settings: ClusterSettings, dialogue: Dialogue, signal: AbortSignal) {
    this.#settings = settings;
    this.#dialogue = dialogue;
    this.#signal = signal;
  }

  async startWithDeadSource(): Promise<void> {
    await this.#proceed('Master is not currently alive. Proceed?');
  }

  async proceedWithDead(source: ServerId): Promise<void> {
    await this.#proceed(`Master ${this.#words(source)} is dead. Proceed?`);
  }

  /** The server to go to: the one that was chosen, or another one that is named. */
  async newSource(from: ServerId, to: ServerId): Promise<ServerId> {
    if (await this.#isYes(`Starting master switch from ${this.#words(from)} to ${this.#words(to)}?`)) return to;
    const id = await this.#another();
    await this.#proceed(`Master switch to ${this.#words(id)}. OK?`);
    return id;
  }

  /** In the middle of a failover a slip of the pen must not end it, as it does with MHA: who is asked may try again. */
  async #another(): Promise<ServerId> {
    for (let slip = ''; ;) {
      await this.#proceed(`${slip}Continue?`);
      const name = (await this.#dialogue.ask('Enter new master host name: ', this.#signal))?.trim() ?? '';
      const found = await findServer(this.#settings, name).catch((error: unknown) => {
        if (error instanceof Fault) return error;
        throw error;
      });
      if (!(found instanceof Fault)) return found.id;
      slip = `${found.message}. ${found.next}\n`;
    }
  }

  async flushTables(source: ServerId): Promise<boolean> {
    const question = `It is better to execute FLUSH NO_WRITE_TO_BINLOG TABLES on the master before switching. Is it ok to execute on ${this.#words(source)}? (YES/no): `;
    const answer = await this.#dialogue.ask(question, this.#signal);
    if (answer === undefined) throw new Fault('DECLINED', {});
    return !/^n/i.test(answer.trim());
  }

  async goOnWithoutScript(): Promise<void> {
    await this.#proceed(
      'master_ip_online_change_script is not defined. Clients that are not led to the new master meet a read-only server. Is it ok to proceed?',
    );
  }

  async #proceed(question: string): Promise<void> {
    if (!(await this.#isYes(question))) throw new Fault('DECLINED', {});
  }

  /** MHA takes every word that begins with y for yes, and everything else for no. */
  async #isYes(question: string): Promise<boolean> {
    const answer = await this.#dialogue.ask(`${question} (yes/NO): `, this.#signal);
    return answer !== undefined && /^y/i.test(answer.trim());
  }

  #words(id: ServerId): string {
    return hostInfo(this.#settings, id);
  }
}
