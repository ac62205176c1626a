import {
  figures,
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
  SilentRenderer,
} from 'listr2';

/** One line of the drawing that is still open. */
export interface Item {
  retitle(title: string): void;
  /** Shown below the title while the item is open. */
  tell(text: string): void;
  close(end: ItemEnd): Promise<void>;
}

export interface ItemEnd {
  readonly ok: boolean;
  readonly title: string;
  /** Shown below the title for good. */
  readonly why?: string;
}

/** An item that holds others; it collapses to its title when all went well. */
export interface Group extends Item {
  add(title: string): Item;
}

/** How many messages stay below the drawing: a small terminal still shows what runs. */
const messageLines = 8;

/**
 * A listr2 drawing that items are added to while it is drawn. listr2 runs the tasks it was given at the start; here nobody
 * knows them yet, so each item is a list of its own without a renderer, whose one task is put into the list that is drawn
 * and whose work is to wait until it is closed. listr2's own signal handler, retries and rollback stay off: they end the
 * process (9.0.5) and decide what is not theirs to decide.
 */
export class Drawing {
  readonly #output = new ProcessOutput();
  readonly #messages: string[] = [];
  readonly #ended = gate();
  readonly #root: Listr;
  #running: Promise<unknown> = Promise.resolve();
  #canTell = false;

  constructor() {
    const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
      useIcons: true,
      toStderr: [],
      processOutput: this.#output,
    });
    this.#root = new Listr(
      [{ task: () => this.#hub(), rendererOptions: { bottomBar: messageLines, persistentOutput: true } }],
      {
        ...listOptions,
        rendererOptions: {
          logger,
          collapseErrors: false,
          icon: { [ListrDefaultRendererLogLevels.FAILED_WITH_FAILED_SUBTASKS]: figures.cross },
        },
      },
    );
  }

  /** Starts to draw. What is written to stdout and stderr meanwhile is held back until the end. */
  start(): void {
    process.once('exit', this.#release);
    this.#running = this.#root.run();
    // Read in `end`; until then a failure to draw must not end the process.
    this.#running.catch(() => undefined);
  }

  group(title: string): Group {
    const done = gate();
    const list = new Listr([{ task: () => done.opened }], listOptions);
    const item = this.#item(this.#root, title, () => list);
    const closing: Promise<void>[] = [];
    const add = (childTitle: string): Item => {
      const child = this.#item(list, childTitle);
      const close = (end: ItemEnd): Promise<void> => {
        const closed = child.close(end);
        closing.push(closed);
        return closed;
      };
      return { ...child, close };
    };
    const close = async (end: ItemEnd): Promise<void> => {
      // listr2 marks whatever still runs below a failed task as failed, and an item just closed is known so a turn later.
      await Promise.all(closing);
      const closed = item.close(end);
      done.open();
      await closed;
    };
    return { ...item, add, close };
  }

  /** A message that belongs to no item. */
  message(text: string): void {
    this.#messages.push(text);
    if (this.#canTell) this.#flush();
  }

  /** Draws the end and gives the terminal back. All items must be closed. Rejects when the drawing itself failed. */
  async end(): Promise<void> {
    this.#ended.open();
    try {
      await this.#running;
    } finally {
      process.off('exit', this.#release);
    }
  }

  /** The process ends in the middle: the cursor comes back, and so does what was held back. */
  readonly #release = (): void => {
    this.#output.release();
  };

  async #hub(): Promise<void> {
    this.#canTell = true;
    this.#flush();
    await this.#ended.opened;
  }

  #flush(): void {
    const [hub] = this.#root.tasks;
    for (const text of this.#messages.splice(0)) if (hub !== undefined) hub.output$ = text;
  }

  #item(parent: Listr, title: string, below?: () => Listr): Item {
    const done = gate();
    const holder = new Listr(
      [{ title, task: () => below?.() ?? done.opened }],
      { ...listOptions },
      this.#root.tasks[0],
    );
    holder.rendererClass = SilentRenderer;
    const [task] = holder.tasks;
    if (task === undefined) throw new Error('bug: a list of one task holds none');
    parent.tasks.push(task);
    const running = holder.run();
    return {
      retitle: (text) => {
        task.title$ = text;
      },
      tell: (text) => {
        task.output$ = text;
      },
      close: async (end) => {
        task.title$ = end.title;
        if (!end.ok) {
          task.message$ = { error: end.why ?? end.title };
          // A task that is not "started" any more when its work ends keeps the state it has.
          task.state$ = ListrTaskState.FAILED;
        }
        done.open();
        await running;
      },
    };
  }
}

const listOptions = { concurrent: true, exitOnError: false, registerSignalListeners: false } as const;

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
