import type { ChildProcess, StdioOptions } from 'node:child_process';

/** What a host is made from. The folder holds everything of it, and is visible from outside under the same path. */
export interface HostPlan {
  readonly name: string;
  readonly address: string;
  readonly folder: string;
}

export interface SpawnSettings {
  /** Added to the host's own small environment (PATH, HOME, USER, LANG, and TERM of the caller). */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
  readonly cwd?: string;
}

/** One running host. */
export interface LabHost extends HostPlan {
  /** Where its own `/root` is: the home of every process in it. */
  readonly home: string;
  /** Words before a program that the host's own scripts start, so that it cannot outlive us either. */
  readonly tie: readonly string[];
  /** Starts a program in the host. `kill()` of what is returned reaches that program itself. */
  spawn(argv: readonly string[], settings?: SpawnSettings): ChildProcess;
  /** All its processes, in this machine's numbering. */
  processes(): readonly number[];
  /** Runs a program in the host's network only (`nft`, `tc`, `ip` of this machine). */
  inNetwork(argv: readonly string[], input?: string): Promise<string>;
  /** Power off: every process of the host ends at once, and nothing else does. */
  end(): Promise<void>;
}

/** What hosts are made of here: namespaces where that is allowed, plain processes on loopback addresses elsewhere. */
export interface Lab {
  readonly kind: 'namespaces' | 'loopback';
  boot(plan: HostPlan): Promise<LabHost>;
  /** Ends every host. */
  close(): Promise<void>;
}
