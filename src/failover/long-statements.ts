import type { RunningStatement } from '../ports/servers.js';

/** As many as MHA shows. */
const mostShown = 10;

/** MHA's --running_updates_limit on the old source: what may write and has run for longer. Undefined: no limit. Pure. */
export function longUpdates(
  statements: readonly RunningStatement[],
  limitSeconds: number | undefined,
): readonly RunningStatement[] {
  if (limitSeconds === undefined) return [];
  return statements.filter(({ seconds, verb }) => seconds >= limitSeconds + 1 && !/^(?:select|show)$/i.test(verb));
}

/** MHA's --running_seconds_limit on the new source: anything that has run that long. Pure. */
export function longWork(
  statements: readonly RunningStatement[],
  limitSeconds: number | undefined,
): readonly RunningStatement[] {
  return limitSeconds === undefined ? [] : statements.filter(({ seconds }) => seconds >= limitSeconds);
}

export function describeStatements(statements: readonly RunningStatement[]): string {
  const shown = statements
    .slice(0, mostShown)
    .map(
      ({ connectionId, user, seconds, verb }) => `${String(connectionId)} (${user}, ${String(seconds)} s: ${verb} ...)`,
    );
  const more = statements.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${String(more)} more` : ''}`;
}
