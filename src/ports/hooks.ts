/** What a hook script's exit says, with MHA's meaning: 0 ok, 10 its second answer, anything else failed. */
export interface HookResult {
  readonly outcome: 'not-configured' | 'ok' | 'ten' | 'failed';
  readonly code?: number;
  readonly output: string;
}

export interface HookRequest {
  /** The command line as written in the file. */
  readonly command: string | undefined;
  /** Arguments in order, each `--name=value` or a bare word. Secret ones are marked so that no log shows them. */
  readonly args: readonly { readonly text: string; readonly secret?: boolean }[];
  readonly name: string;
}

/** Runs MHA's hook scripts: own process group, a deadline, bounded output into the log. */
export interface Hooks {
  run(request: HookRequest, signal?: AbortSignal): Promise<HookResult>;
}
