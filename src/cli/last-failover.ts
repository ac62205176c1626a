import { Fault } from '../model/fault.js';
import type { Workdir } from '../ports/workdir.js';

export interface LastFailoverRule {
  /** Refuse when the last completed failover is younger than this. */
  readonly minutes: number;
  /** Delete both marks first. */
  readonly ignore: boolean;
}

/** MHA's rule against failovers one after another: a failed one must be looked at, a recent one must have settled. */
export async function mindLastFailover(workdir: Workdir, app: string, rule: LastFailoverRule): Promise<void> {
  if (rule.ignore) {
    await workdir.clearFlag('error');
    await workdir.clearFlag('complete');
    return;
  }
  const refusal = await refusalBy(workdir, app, rule);
  if (refusal !== undefined) throw refusal;
  await workdir.clearFlag('complete');
}

/** Why a failover would be refused now; looks, and leaves the marks alone. */
export async function refusalBy(workdir: Workdir, app: string, rule: LastFailoverRule): Promise<Fault | undefined> {
  if (rule.ignore) return undefined;
  if ((await workdir.flagAge('error')) !== undefined) {
    return new Fault('LAST_FAILOVER_FAILED', { file: `${workdir.path}/${app}.failover.error` });
  }
  const age = await workdir.flagAge('complete');
  const minutes = (age ?? Number.POSITIVE_INFINITY) / 60_000;
  if (minutes >= rule.minutes) return undefined;
  return new Fault('LAST_FAILOVER_TOO_RECENT', {
    file: `${workdir.path}/${app}.failover.complete`,
    minutes: Math.floor(minutes),
    limit: rule.minutes,
  });
}
