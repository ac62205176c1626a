/**
 * The verdict: evidence in, analysis code out. Pure; nothing here asks anybody. Invariant: no verdict of death while
 * anybody sees the source alive, while a configured script has not permitted it, or while a source that may only hang
 * could come back - and what is not known yet is never counted as a sign of death.
 */
import type { AnalysisCode, Evidence, Testimony, Verdict, VerdictPolicy } from './evidence.js';

type Decision = Verdict['decision'];

function known(evidence: Evidence): readonly Testimony[] {
  return evidence.replicas.filter((testimony) => testimony !== undefined);
}

/** The host itself refuses the port, and a look inside shows nobody who holds the port or the data directory. */
function isProvenDead({ port, host }: Evidence): boolean {
  return port === 'refused' && host.shell === 'open' && host.process === 'none';
}

/**
 * Accepted by the kernel, or present on its host, and yet without an answer. A server that takes nobody out of its queue
 * of connections soon looks as if nothing were there (listen(2), back_log): the kernel drops what would fill it further.
 * A machine that is up and neither accepts nor refuses is taken for that.
 */
function isHung({ port, host }: Evidence): boolean {
  if (port === 'silent' || port === 'speaks') return true;
  if (host.shell === 'open') return host.process === 'running';
  return port === 'no-answer' && host.isUp === true;
}

/**
 * Does this replica forbid a failover? A port that speaks always does. A port that is only open says no more than we
 * see ourselves when it is silent here too: a kernel accepts for a process that hangs.
 */
function seesSource(testimony: Testimony, evidence: Evidence): boolean {
  if (testimony.port === 'speaks') return true;
  if (isProvenDead(evidence)) return false;
  if (testimony.replication === 'sees-it') return true;
  return testimony.port === 'silent' && !isHung(evidence);
}

function describeTestimony({ replica, why }: Testimony): string {
  return `${replica}: ${why}`;
}

function describe(evidence: Evidence): readonly string[] {
  const misses = `${String(evidence.misses)} failed check${evidence.misses === 1 ? '' : 's'}: ${evidence.lastMiss}`;
  const host = { pending: 'not asked yet', unreachable: 'no shell', open: evidence.host.lines.join('; ') };
  return [
    misses,
    `port seen from here: ${evidence.port}`,
    `its host: ${host[evidence.host.shell]}${evidence.host.isUp === true && evidence.host.shell === 'unreachable' ? ', though it is up' : ''}`,
    ...known(evidence).map(describeTestimony),
    ...(evidence.script === 'not-configured' ? [] : [`secondary_check_script: ${evidence.script}`]),
  ];
}

/** Nobody but us could say anything: neither the source's host nor any replica or its host answers. */
function isCutOff(evidence: Evidence): boolean {
  const asked = known(evidence);
  if (evidence.host.shell !== 'unreachable' || evidence.port === 'refused') return false;
  return asked.length === evidence.replicas.length && asked.every(({ answered }) => !answered);
}

function isStillAsking(evidence: Evidence): boolean {
  return evidence.port === 'pending' || evidence.host.shell === 'pending' || evidence.replicas.includes(undefined);
}

/** What the script and the ladder leave over: is it dead, and who keeps it down? */
function judgeDeath(evidence: Evidence, policy: VerdictPolicy): [Decision, AnalysisCode, Verdict['fenceBy']] {
  if (isProvenDead(evidence)) return ['dead', 'source-dead-proven', 'shell'];
  const hung = isHung(evidence);
  const code = hung ? 'source-hung' : 'source-dead-by-ladder';
  if (evidence.host.shell === 'open') return ['dead', code, 'shell'];
  if (!hung) return ['dead', code, 'nobody'];
  return policy.hasShutdownScript ? ['dead', code, 'shutdown-script'] : ['blocked', 'cannot-fence', 'nobody'];
}

function judge(evidence: Evidence, policy: VerdictPolicy): [Decision, AnalysisCode, Verdict['fenceBy']] {
  if (evidence.misses === 0) return ['keep-looking', 'source-failing', 'nobody'];
  if (known(evidence).some((testimony) => seesSource(testimony, evidence))) {
    return ['keep-looking', 'replicas-still-see-source', 'nobody'];
  }
  const proven = isProvenDead(evidence);
  if (!proven && isCutOff(evidence)) return ['keep-looking', 'manager-cut-off', 'nobody'];
  if (!proven && (evidence.misses < policy.missesForDeath || isStillAsking(evidence))) {
    return ['keep-looking', 'source-failing', 'nobody'];
  }
  if (evidence.script === 'objects') return ['keep-looking', 'vetoed-by-script', 'nobody'];
  if (evidence.script === 'pending') return ['keep-looking', 'waiting-for-script', 'nobody'];
  return judgeDeath(evidence, policy);
}

export function reachVerdict(evidence: Evidence, policy: VerdictPolicy): Verdict {
  const [decision, code, fenceBy] = judge(evidence, policy);
  return { decision, code, fenceBy, lines: describe(evidence) };
}
