import { failover } from '../failover/failover.js';
import type { FailoverRequest } from '../failover/failover-request.js';
import { describeError } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { SourceRecord } from '../monitor/source-record.js';
import type { ClusterHooks } from '../ports/hooks.js';
import type { Workdir } from '../ports/workdir.js';
import { finishRun } from './finish-run.js';
import { leaveFlag } from './leave-flag.js';
import { type OpenRun, openRun } from './open-run.js';
import type { Parts } from './parts.js';
import { shown } from './shown.js';
import { renderRun, type RenderOptions } from './render-run.js';

export interface FailoverAct {
  readonly parts: Parts;
  readonly workdir: Workdir;
  readonly hooks: ClusterHooks;
  readonly request: Omit<FailoverRequest, 'settings'>;
  readonly dataDir?: string;
  readonly record?: SourceRecord;
  readonly show: RenderOptions;
  readonly print: (text: string) => void;
}

export interface ActedFailover {
  readonly outcome: RunOutcome;
  readonly json: unknown;
}

/** One failover from proof to report, with MHA's flag files. */
export async function actFailover(act: FailoverAct, signal: AbortSignal): Promise<ActedFailover> {
  const { parts, workdir, hooks, request } = act;
  const run = await openRun(parts, workdir, hooks, {
    command: 'failover',
    source: request.source,
    ...(act.dataDir === undefined ? {} : { dataDir: act.dataDir }),
    ...(act.record === undefined ? {} : { record: act.record }),
    ...(request.fenceBy === 'shell' ? {} : { wasSilent: true }),
  });
  const renderer = await renderRun(run.bus, { logLevel: parts.settings.logLevel, ...act.show });
  run.bus.emit({ kind: 'run-started', command: 'failover', title: `Failover of ${request.source.id}` });
  const outcome = await shown(renderer, run.bus, () =>
    failover({ ...request, settings: parts.settings }, run.ports, signal),
  );
  await leaveFlag(outcome, workdir).catch((error: unknown) => {
    parts.say(`warning: the next command will not find the mark of this failover: ${describeError(error)}`);
  });
  return { outcome, json: await report(act, outcome, run) };
}

async function report(act: FailoverAct, outcome: RunOutcome, run: OpenRun): Promise<unknown> {
  const text = await finishRun(outcome, run, act.hooks, act.parts.settings);
  if (act.show.json !== true) act.print(text);
  return { ...outcome, report: `${run.folder.path}/report.txt` };
}
