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
  const { process, onlyElders } = judgeHost(report, place, record);
  const elders = onlyElders === true ? { onlyElders } : {};
  return { port, process, ...elders, ...(newestBinlog === undefined ? {} : { newestBinlog }) };
}

function portOf(sight: PortSight): FenceLook['port'] {
  if (sight === 'refused') return 'refused';
  return sight === 'speaks' || sight === 'silent' ? 'open' : 'no-answer';
}

/** Nothing serves at its address, and no server that runs there was started since it went away. */
export function isClosedAmongElders({ port, process, onlyElders }: FenceLook): boolean {
  return port === 'refused' && process === 'cannot-tell' && onlyElders === true;
}

export const closedAmongElders = 'nothing listens on its port; which of the servers there it was could not be told';

/** Of a look that did not prove it. */
export function whyNotDown({ port, process }: FenceLook): string {
  if (port === 'open') return 'its port accepts connections';
  if (process === 'running') return 'its process is still there';
  return 'a server that runs there may be it, and this SSH user cannot see which';
}
