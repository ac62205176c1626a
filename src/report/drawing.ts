import {
  figures,
  Listr,
  type ListrBaseClassOptions,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
  SilentRenderer,
} from 'listr2';

/** One line of the drawing that is still open. */
export interface Item {
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
  readonly #root: GrowingList;
  #running: Promise<unknown> = Promise.resolve();

  constructor() {
    const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
      useIcons: true,
      toStderr: [],
      processOutput: this.#output,
    });
    this.#root = growingList({
      rendererOptions: {
        logger,
        collapseErrors: false,
        icon: { [ListrDefaultRendererLogLevels.FAILED_WITH_FAILED_SUBTASKS]: figures.cross },
      },
    });
  }

  /** Starts to draw. What is written to stdout and stderr meanwhile is held back until the end. */
  start(): void {
    process.once('exit', this.#release);
    this.#running = this.#root.list.run();
    // Read in `end`; until then a failure to draw must not end the process.
    this.#running.catch(() => undefined);
  }

  group(title: string): Group {
    const below = growingList();
    const item = addItem(this.#root, title, below.list);
    const closing: Promise<void>[] = [];
    const add = (childTitle: string): Item => {
      const child = addItem(below, childTitle);
      const close = (end: ItemEnd): Promise<void> => {
        const closed = child.close(end);
        closing.push(closed);
        return closed;
      };
      return { ...child, close };
    };
    const close = async (end: ItemEnd): Promise<void> => {
      // listr2 marks whatever still runs below a failed task as failed, and an item just closed is known so a turn later.
      await below.begun;
      await Promise.all(closing);
      const closed = item.close(end);
      below.end();
      await closed;
    };
    return { ...item, add, close };
  }

  /** A message that belongs to no item. */
  message(text: string): void {
    void this.#root.begun.then(() => {
      this.#root.keeper.output$ = text;
    });
  }

  /** Draws the end and gives the terminal back. All items must be closed. Rejects when the drawing itself failed. */
  async end(): Promise<void> {
    try {
      await Promise.race([this.#root.begun, this.#running]);
      this.#root.end();
      await this.#running;
    } finally {
      process.off('exit', this.#release);
    }
  }

  /** The process ends in the middle: the cursor comes back, and so does what was held back. */
  readonly #release = (): void => {
    this.#output.release();
  };
}

/** Draws nothing: the cursor goes and comes back. */
export async function rehearse(): Promise<void> {
  await new Listr([], { ...listOptions, rendererOptions: { clearOutput: true } }).run();
}

/** A list that stays open: its first task, which has no title, keeps it running until the end. */
interface GrowingList {
  readonly list: Listr;
  readonly keeper: Listr['tasks'][number];
  /** From then on the list runs no task that is added to it: whoever adds one runs it. */
  readonly begun: Promise<void>;
  end(): void;
}

function growingList(options: ListrBaseClassOptions = {}): GrowingList {
  const begun = gate();
  const ended = gate();
  const keep = (): Promise<void> => {
    begun.open();
    return ended.opened;
  };
  const rendererOptions = { bottomBar: messageLines, persistentOutput: true };
  const list = new Listr([{ task: keep, rendererOptions }], { ...listOptions, ...options });
  return { list, keeper: onlyTask(list), begun: begun.opened, end: ended.open };
}

function addItem(parent: GrowingList, title: string, below?: Listr): Item {
  const begun = gate();
  const done = gate();
  const work = (): Listr | Promise<void> => {
    begun.open();
    return below ?? done.opened;
  };
  const holder = new Listr([{ title, task: work }], listOptions);
  holder.rendererClass = SilentRenderer;
  const task = onlyTask(holder);
  // Added earlier, the list would run it a second time.
  void parent.begun.then(() => parent.list.tasks.push(task));
  const running = holder.run();
  return {
    tell: (text) => {
      // Not as the task's output: listr2 (9.0.5) drops what comes before it has drawn the task for the first time.
      task.title$ = `${title}\n${figures.pointerSmall} ${text}`;
    },
    close: async (end) => {
      task.title$ = end.title;
      // An item that is closed right after it was added has not begun yet, and beginning would take its state back.
      await begun.opened;
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

function onlyTask({ tasks }: Listr): Listr['tasks'][number] {
  const [task] = tasks;
  if (task === undefined) throw new Error('bug: a list of one task holds none');
  return task;
}

const listOptions = { concurrent: true, exitOnError: false, registerSignalListeners: false } as const;

interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let resolveIt = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    resolveIt = resolve;
  });
  return {
    opened,
    open: () => {
      resolveIt();
    },
  };
}
