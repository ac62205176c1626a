import type { ServerId } from './settings.js';

/** `refuse` stops the command (exit 1), `warn` never changes the exit code, `note` is for information. */
export type Severity = 'refuse' | 'warn' | 'note';

/** One thing a check saw. Every finding names what to do: the three parts of an error, as fields. */
export interface Finding {
  /** Stable id in kebab case, `replica-threads`; documented and searched for by scripts. */
  readonly id: string;
  readonly severity: Severity;
  readonly server?: ServerId;
  readonly seen: string;
  readonly matters: string;
  readonly fix: string;
}
