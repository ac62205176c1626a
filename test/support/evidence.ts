import { type Evidence, nothingGathered, type SshEvidence } from '../../src/failover/preflight/evidence.js';
import { deriveTopology } from '../../src/failover/preflight/topology.js';
import type { ServerId } from '../../src/model/settings.js';
import type { Known, ServerFacts } from '../../src/ports/server-facts.js';
import { type ClusterBuilder, id } from './picture.js';

/** What the checks look at, for a built cluster; a check of everything unless said otherwise. */
export function evidenceOf(built: ClusterBuilder, changes: Partial<Evidence> = {}): Evidence {
  const { settings, picture } = built.build();
  const verdict = deriveTopology(settings, picture);
  return { ...nothingGathered, purpose: 'check', settings, picture, verdict, ...changes };
}

/** A host where SSH works in every way, unless changed. */
export function sshOf(name: string, changes: Partial<SshEvidence> = {}): SshEvidence {
  const ok = { outcome: 'ok' } as const;
  return {
    id: id(name),
    host: name,
    skipped: false,
    reach: ok,
    login: ok,
    reverse: ok,
    directories: [{ path: '/var/lib/mysql', state: 'readable' }],
    ...changes,
  };
}

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

/** Facts of one server; nothing unusual unless changed. */
export function factsOf(name: string, changes: Partial<ServerFacts>): ReadonlyMap<ServerId, ServerFacts> {
  const facts: ServerFacts = {
    nonTransactionalTables: known([]),
    events: known([]),
    replicationAccounts: known([]),
    readOnlyBypassers: known([]),
    binlogBeginning: known(undefined),
    preparedXa: known([]),
    dumps: known([]),
    ...changes,
  };
  return new Map([[id(name), facts]]);
}
