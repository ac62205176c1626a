import type { Door } from '../ports/shell.js';
import type { NamedProcess } from './guard.js';
import type { HostProcess, HostReport } from './host-report.js';
import type { ServerPlace } from './host-script.js';
import { ancestors, judgeHost, unitOf } from './host-sight.js';
import { probeHost } from './probe-host.js';

/** Who ran the source while it answered: what is acted on when it has died and can no longer be asked. */
export interface SourceRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly unit?: string;
  /** Nearest first. */
  readonly ancestors: readonly NamedProcess[];
}

const named = ({ pid, startTime, name }: HostProcess): NamedProcess => ({ pid, startTime, name });

/** The record from a host's description; undefined when not exactly one process can be meant. */
export function recordOf(report: HostReport, place: ServerPlace): SourceRecord | undefined {
  const { holders } = judgeHost(report, place);
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) return undefined;
  const unit = unitOf(report, holder);
  return {
    pid: holder.pid,
    startTime: holder.startTime,
    ancestors: ancestors(report, holder).map(named),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** What its host showed of the source while that answered. */
export interface SourceTrace {
  readonly record?: SourceRecord;
  /** Nobody there holds its port or data directory. */
  readonly isMissing: boolean;
}

/** Asks the host while the source lives. Throws what the door throws. */
export async function traceSource(door: Door, place: ServerPlace, deadlineMs: number): Promise<SourceTrace> {
  const report = await probeHost(door, place, { deadlineMs, units: true });
  const record = recordOf(report, place);
  const isMissing = judgeHost(report, place).process === 'none';
  return record === undefined ? { isMissing } : { record, isMissing };
}
