import type { ServerSettings } from '../model/settings.js';
import { secondaryCheck } from './arguments.js';
import { type HookLimits, runHook } from './run-hook.js';

export type SecondOpinion = (signal: AbortSignal) => Promise<'permits' | 'objects'>;

/**
 * The site's second opinion on a source that does not answer; undefined when none is configured. MHA: only exit code 0
 * permits a failover, whatever else happens to the script is an objection.
 */
export function secondOpinion(source: ServerSettings, limits: HookLimits): SecondOpinion | undefined {
  const command = source.hooks.secondaryCheck;
  if (command === undefined || command.trim() === '') return undefined;
  const request = { name: 'secondary_check_script', command, args: secondaryCheck(source) };
  return async (signal) => {
    const { outcome } = await runHook(request, limits, signal);
    return outcome === 'ok' ? 'permits' : 'objects';
  };
}
