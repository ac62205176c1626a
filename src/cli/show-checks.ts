import type { Evidence } from '../failover/preflight/evidence.js';
import type { Finding } from '../model/finding.js';
import { findingLines } from '../report/findings.js';
import { noPaint, type Paint } from '../report/paint.js';
import { topologyTree } from '../report/tree.js';

/** What check-repl prints: the topology as a tree, then each finding. */
export function showChecks(
  { settings, picture, verdict }: Evidence,
  findings: readonly Finding[],
  paint: Paint = noPaint,
): readonly string[] {
  const servers = settings.servers.map(({ id, nodeLabel }) => (nodeLabel === undefined ? { id } : { id, nodeLabel }));
  const tree = topologyTree(
    {
      servers,
      picture,
      ...(verdict.source === undefined ? {} : { source: verdict.source }),
      replicas: verdict.replicas,
      links: verdict.links,
    },
    paint,
  );
  return [tree.trimEnd(), '', ...findingLines(findings, paint), ''];
}
