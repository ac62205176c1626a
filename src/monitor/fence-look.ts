import type { FenceLook } from '../ports/fence.js';
import type { PortSight } from '../ports/knock.js';
import type { HostReport } from './host-report.js';
import type { ServerPlace } from './host-script.js';
import { judgeHost } from './host-sight.js';
import type { SourceRecord } from './source-record.js';

/** What the host's own report (undefined: it gave none) and a knock at the port come to. Pure. */
export function fenceLook(
  { place, record }: { readonly place: ServerPlace; readonly record?: SourceRecord },
  report: HostReport | undefined,
  knocked: PortSight,
): FenceLook {
  const port = portOf(knocked);
  if (report === undefined) return { port, process: 'cannot-tell' };
  const { newestBinlog } = report;
  const { process } = judgeHost(report, place, record);
  return { port, process, ...(newestBinlog === undefined ? {} : { newestBinlog }) };
}

function portOf(sight: PortSight): FenceLook['port'] {
  if (sight === 'refused') return 'refused';
  return sight === 'speaks' || sight === 'silent' ? 'open' : 'no-answer';
}
