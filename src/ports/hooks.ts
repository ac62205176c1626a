import type { ServerId } from '../model/settings.js';

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

/** MHA's calls of the site's own scripts during a run. Which script, with which arguments, is the hooks room's business. */
export interface ClusterHooks {
  /** master_ip_failover_script --command=stop or stopssh. */
  ipStop(call: { readonly source: ServerId; readonly sshReachable: boolean }, signal: AbortSignal): Promise<HookResult>;
  /** shutdown_script --command=stop or stopssh. */
  shutdown(
    call: { readonly source: ServerId; readonly sshReachable: boolean },
    signal: AbortSignal,
  ): Promise<HookResult>;
  /** master_ip_failover_script --command=start. */
  ipStart(
    call: { readonly source: ServerId; readonly newSource: ServerId; readonly sshReachable: boolean },
    signal: AbortSignal,
  ): Promise<HookResult>;
  /** master_ip_online_change_script --command=stop or start. */
  onlineChange(
    call: {
      readonly command: 'stop' | 'start';
      readonly source: ServerId;
      readonly newSource: ServerId;
      readonly oldSourceStays: boolean;
    },
    signal: AbortSignal,
  ): Promise<HookResult>;
  /** report_script with the run's subject and body. */
  report(
    call: {
      readonly source: ServerId;
      readonly newSource?: ServerId;
      readonly replicas: readonly ServerId[];
      readonly subject: string;
      readonly body: string;
    },
    signal: AbortSignal,
  ): Promise<HookResult>;
}
