import type { ServerSettings } from '../model/settings.js';
import type { HookResult } from '../ports/hooks.js';
import { ipStatus, shutdown } from './arguments.js';
import { type HookLimits, runHook } from './run-hook.js';

export interface StatusCall {
  readonly name: 'master_ip_failover_script' | 'shutdown_script';
  readonly result: HookResult;
}

/**
 * Asks the scripts that a failover will need whether they are able to work: `--command=status`, at the start of the
 * manager and in the checks. MHA: anything but 0 keeps the manager from starting; a script that is not configured is
 * only a warning.
 */
export async function callStatus(
  source: ServerSettings,
  limits: HookLimits,
  signal?: AbortSignal,
): Promise<readonly StatusCall[]> {
  const ip = {
    name: 'master_ip_failover_script',
    command: source.hooks.masterIpFailover,
    args: ipStatus(source),
  } as const;
  const power = { name: 'shutdown_script', command: source.hooks.shutdown, args: shutdown(source, 'status') } as const;
  return Promise.all(
    [ip, power].map(async (request) => ({ name: request.name, result: await runHook(request, limits, signal) })),
  );
}
