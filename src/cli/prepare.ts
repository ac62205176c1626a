import type { Evidence, Purpose } from '../failover/preflight/evidence.js';
import { preflight, refuses } from '../failover/preflight/preflight.js';
import type { Finding } from '../model/finding.js';
import { Fault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import { gather, type GatherOptions } from './gather.js';
import type { Parts } from './parts.js';

export interface Prepared {
  readonly evidence: Evidence;
  readonly findings: readonly Finding[];
  readonly source: ServerId;
}

/** Gathers and checks for a command that acts. Throws PREFLIGHT_REFUSED when something stands in the way. */
export async function prepare(
  parts: Parts,
  purpose: Purpose,
  options: Omit<GatherOptions, 'purpose'>,
): Promise<Prepared> {
  const evidence = await gather(parts, { purpose, ...options });
  const findings = preflight(evidence);
  const { source } = evidence.verdict;
  if (source === undefined || refuses(findings)) throw preflightRefused(findings);
  return { evidence, findings, source };
}

/** Everything that stands in the way, in one error. */
export function preflightRefused(findings: readonly Finding[]): Fault {
  const refusing = findings.filter(({ severity }) => severity === 'refuse');
  const seen = refusing.map(
    ({ id, server, seen: what }) => `${id}${server === undefined ? '' : ` (${server})`}: ${what}`,
  );
  return new Fault('PREFLIGHT_REFUSED', {
    seen: seen.join('; ') || 'the source of this cluster cannot be told',
    fix: [...new Set(refusing.map(({ fix }) => fix))].join(' '),
  });
}
