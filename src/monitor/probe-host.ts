import type { Door } from '../ports/shell.js';
import { type HostReport, parseHostReport } from './host-report.js';
import { hostScript, type ServerPlace } from './host-script.js';

/** Asks the host over SSH; one command. Throws what the door throws (no SSH, deadline). */
export async function probeHost(
  door: Door,
  place: ServerPlace,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<HostReport> {
  const { stdout } = await door.run(hostScript(place), { deadlineMs, ...(signal === undefined ? {} : { signal }) });
  return parseHostReport(stdout);
}
