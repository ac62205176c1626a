/** MHA's status codes that a running manager writes. */
export type StatusCode = 0 | 10 | 20 | 21 | 30 | 31 | 50 | 51;

/** One line of a run's journal: written and synced before the world is touched. */
export interface JournalEntry {
  readonly what: 'run' | 'plan' | 'saved-settings' | 'intend' | 'done' | 'failed' | 'undone' | 'left' | 'end';
  readonly step?: string;
  readonly data?: unknown;
}

/** Write-ahead record of one run: append, fsync, then act. */
export interface Journal {
  /** Resolves when the line is on disk. */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

export interface RunFolder {
  /** Directory of this run's files inside manager_workdir. */
  readonly path: string;
  readonly id: string;
  readonly journal: Journal;
  /** Writes a file whole: temporary name, fsync, rename. Mode 0600. */
  write(name: string, text: string): Promise<string>;
  freeBytes(): Promise<number>;
}

/** A run without an end, as its journal tells it: killed, at work, or with something left to put back. */
export interface UnfinishedRun {
  readonly id: string;
  readonly path: string;
  readonly lastStep?: string;
  /** Steps that were begun and not undone since; a step that was begun may have had its effect. */
  readonly begun: readonly string[];
  /** What steps left for whoever comes after a kill, by step. */
  readonly remembered: ReadonlyMap<string, string>;
  /** It came to its end, and could not put these servers back: they did not answer. Absent: it was killed. */
  readonly left?: readonly string[];
  /** What the servers were like before it: the text of its former-settings.json, where it came so far. */
  readonly former?: string;
  /** The process that is still at work on it: it is unfinished, but nobody has been killed. */
  readonly atWork?: number;
  /** Some of those it had left have been put back; these remain. */
  leave(servers: readonly string[]): Promise<void>;
  /** Writes the missing end into its journal. */
  finish(why: string): Promise<void>;
}

/** The manager's directory: the status file, flag files, runs and reports. */
export interface Workdir {
  readonly path: string;
  status(code: StatusCode, sourceHost?: string): Promise<void>;
  clearStatus(): Promise<void>;
  /** Age in milliseconds of MHA's flag file, or undefined when it is not there. */
  flagAge(flag: 'complete' | 'error'): Promise<number | undefined>;
  setFlag(flag: 'complete' | 'error'): Promise<void>;
  clearFlag(flag: 'complete' | 'error'): Promise<void>;
  startRun(command: string): Promise<RunFolder>;
  /** Runs that began and have not ended, or left something to be put back. Oldest first. */
  unfinishedRuns(): Promise<readonly UnfinishedRun[]>;
}
