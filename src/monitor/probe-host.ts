import type { Door } from '../ports/shell.js';
import { type HostReport, parseHostReport } from './host-report.js';
import { type HostExtras, hostScript, type ServerPlace } from './host-script.js';

export interface ProbeOptions extends HostExtras {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** Asks the host over SSH; one command. Throws what the door throws (no SSH, deadline). */
export async function probeHost(door: Door, place: ServerPlace, options: ProbeOptions): Promise<HostReport> {
  const { deadlineMs, signal, ...extras } = options;
  const run = { deadlineMs, ...(signal === undefined ? {} : { signal }) };
  const { stdout } = await door.run(hostScript(place, extras), run);
  return parseHostReport(stdout);
}
