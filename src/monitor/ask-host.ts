import type { Clock } from '../ports/clock.js';
import type { Door } from '../ports/shell.js';
import type { HostReport } from './host-report.js';
import type { HostExtras, ServerPlace } from './host-script.js';
import { linkedAbort } from './linked-abort.js';
import { newestBinlog } from './newest-binlog.js';
import { probeHost } from './probe-host.js';

export interface HostQuestion extends HostExtras {
  readonly place: ServerPlace;
  readonly deadlineMs: number;
}

/** A host that has said nothing after this part of the time is asked for its processes alone as well. */
const patience = 0.3;

/**
 * Processes and newest binary log by one command. A disk that hangs does not hide what the processes are: then the
 * report comes without the log. Throws what the door throws.
 */
export async function askHost(
  question: HostQuestion,
  { door, clock }: { readonly door: Door; readonly clock: Clock },
  signal: AbortSignal,
): Promise<HostReport> {
  const { place, ...options } = question;
  const joint = probeHost(door, place, { ...options, signal });
  const late = linkedAbort(signal);
  try {
    const report = await Promise.race([joint, clock.sleep(question.deadlineMs * patience, late.signal)]);
    if (report !== undefined) return report;
  } finally {
    late.end();
  }
  return Promise.any([joint, askApart(question, door, signal)]).catch(() => joint);
}

async function askApart(question: HostQuestion, door: Door, signal: AbortSignal): Promise<HostReport> {
  const { place, binlogBase, units } = question;
  const deadlineMs = question.deadlineMs * (1 - patience);
  const newest = binlogBase === undefined ? undefined : newestBinlog(door, binlogBase, deadlineMs);
  const [report, log] = await Promise.all([
    probeHost(door, place, { deadlineMs, signal, units: units === true }),
    newest?.catch(() => undefined),
  ]);
  return log === undefined ? report : { ...report, newestBinlog: log };
}
