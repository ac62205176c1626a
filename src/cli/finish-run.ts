import { describeError } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { ClusterSettings } from '../model/settings.js';
import type { ClusterHooks } from '../ports/hooks.js';
import { failoverReport, reportSubject } from '../report/failover-report.js';
import { hostInfo } from './host-info.js';
import type { OpenRun } from './open-run.js';

/** Writes the report as text and JSON into the run's folder, tells the site's report script, and returns the text. */
export async function finishRun(
  outcome: RunOutcome,
  { folder, bus }: OpenRun,
  hooks: ClusterHooks,
  settings: ClusterSettings,
): Promise<string> {
  let text = failoverReport(outcome, bus.history);
  try {
    await folder.write('report.txt', text);
    await folder.write('report.json', `${JSON.stringify({ ...outcome, timeline: bus.history }, undefined, 2)}\n`);
  } catch (error) {
    // What was done is done: whoever reads this must not be told of the disk alone.
    text += `\nThis report is not kept: ${describeError(error)}\n`;
  }
  if (outcome.command === 'failover') await tellSite(outcome, text, hooks, settings);
  return text;
}

/** A failed report script changes nothing about the run: as in MHA it is only said. Its one limit is hook_timeout_seconds. */
async function tellSite(
  outcome: RunOutcome,
  body: string,
  hooks: ClusterHooks,
  settings: ClusterSettings,
): Promise<void> {
  const replicas = outcome.servers.filter(({ role }) => role === 'recovered').map(({ server }) => server);
  await hooks.report(
    {
      source: outcome.oldSource,
      ...(outcome.newSource === undefined ? {} : { newSource: outcome.newSource }),
      replicas,
      subject: reportSubject(outcome, (id) => hostInfo(settings, id)),
      body,
    },
    new AbortController().signal,
  );
}
