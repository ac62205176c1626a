import type { ServerId } from '../model/settings.js';
import type { Of } from './hand.js';

type Hook = Of<'hook'>['hook'];

/** How a call is named in titles, reports and faults. */
export const hookNames: Readonly<Record<Hook, string>> = {
  'ip-stop': 'master_ip_failover_script --command=stop',
  shutdown: 'shutdown_script',
  'ip-start': 'master_ip_failover_script --command=start',
  'online-stop': 'master_ip_online_change_script --command=stop',
  'online-start': 'master_ip_online_change_script --command=start',
};

interface Results {
  readonly hookResults: readonly { readonly hook: string; readonly outcome: string }[];
}

/** It was called, and did what it is for. */
export function hasRun(hook: Hook, { hookResults }: Results): boolean {
  return hookResults.some((result) => result.hook === hookNames[hook] && ['ok', 'ten'].includes(result.outcome));
}

interface Ended {
  readonly command: 'failover' | 'switch';
  readonly source: ServerId;
  readonly facts: Results & { readonly opened?: unknown };
}

/** MHA's contract has no call that undoes the stop; whoever starts the old source again must not look for its clients. */
export function clientsTakenOff({ command, source, facts }: Ended): readonly string[] {
  if (command !== 'failover' || facts.opened !== undefined || !hasRun('ip-stop', facts)) return [];
  return [`if ${source} goes on as the source, bring its clients back by hand: ${hookNames['ip-stop']} took them off`];
}
