import { homedir } from 'node:os';
import type {
  AccountEvidence,
  Evidence,
  HostKeyEvidence,
  Purpose,
  SshOptionsEvidence,
} from '../failover/preflight/evidence.js';
import { deriveTopology, type Verdict } from '../failover/preflight/topology.js';
import { hookLimits } from '../hooks/hook-limits.js';
import { callStatus } from '../hooks/status-calls.js';
import { stateOf } from '../model/picture.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import { knock } from '../monitor/knock.js';
import { probeAccount } from '../mysql/account-probe.js';
import { factsReader } from '../mysql/facts.js';
import { targetOf } from '../mysql/target.js';
import type { ServerFacts } from '../ports/server-facts.js';
import { checkSsh, type SshCheck } from '../ssh/check.js';
import { parseSshOptions } from '../ssh/options.js';
import { fenceSights } from './fence-sights.js';
import type { Parts } from './parts.js';
import { addressesOf } from './resolve.js';

const observeMs = 5_000;
const sshMs = 8_000;
const factsMs = 5_000;

export interface GatherOptions {
  readonly purpose: Purpose;
  readonly maxLagSeconds: number;
  /** MHA's --ignore_fail_on_start; only a start asks. */
  readonly ignoreFailOnStart?: boolean;
  /** The server that the operator wants to lead. */
  readonly forced?: ServerId;
  /** `--skip-check-ssh`: nothing is asked over SSH. */
  readonly ssh: boolean;
  /** Ends a script that is being asked. */
  readonly signal?: AbortSignal;
}

/** Asks everything that the checks look at: servers and hosts at once, then what needs both. Never throws for a server. */
export async function gather(parts: Parts, options: GatherOptions): Promise<Evidence> {
  const { settings, servers, shells } = parts;
  const checking: Promise<readonly SshCheck[]> = options.ssh
    ? checkSsh([...settings.servers, ...settings.binlogServers], shells, { deadlineMs: sshMs })
    : Promise.resolve([]);
  const picture = await servers.observe(observeMs);
  const verdict = deriveTopology(settings, picture, await addressesOf(picture));
  const isCheck = options.purpose === 'check' || options.purpose === 'monitor';
  const [facts, ssh, fences, scripts, address] = await Promise.all([
    readFacts(parts, verdict, picture),
    checking,
    isCheck && options.ssh ? fenceSights(parts, picture) : [],
    askScripts(parts, verdict, picture, options),
    askAddresses(parts, options.ssh),
  ]);
  return {
    purpose: options.purpose,
    settings,
    picture,
    verdict,
    maxLagSeconds: options.maxLagSeconds,
    ignoreFailOnStart: options.ignoreFailOnStart ?? false,
    ...(options.forced === undefined ? {} : { forced: options.forced }),
    ssh: ssh.map((check) => ({
      ...check,
      reach: words(check.reach),
      login: words(check.login),
      reverse: words(check.reverse),
    })),
    hostKeys: hostKeysOf(parts),
    sshOptions: settings.servers.map(sshOptionsOf),
    accounts: options.ssh ? await tryAccounts(parts, verdict, ssh) : [],
    fences,
    scripts,
    ...address,
    facts,
  };
}

/** As MHA: for a source that answers, before it is watched. A planned switch calls another script and asks nothing. */
async function askScripts(
  { settings, say }: Parts,
  { source }: Verdict,
  picture: Evidence['picture'],
  { purpose, signal }: GatherOptions,
): Promise<Evidence['scripts']> {
  const server = settings.servers.find(({ id }) => id === source);
  if (purpose === 'switch' || server === undefined || stateOf(picture, server.id) === undefined) return [];
  const calls = await callStatus(server, hookLimits(settings, say, { source: server }), signal);
  return calls.map(({ name, result }) => ({ name, ...result }));
}

/** Every host at once, and the address itself from here. */
async function askAddresses(
  { settings, addresses }: Parts,
  ssh: boolean,
): Promise<Pick<Evidence, 'addresses' | 'addressAnswers'>> {
  const { writerVip, servers } = settings;
  const [first] = servers;
  if (writerVip === undefined || first === undefined || !ssh) return { addresses: [] };
  const signal = AbortSignal.timeout(sshMs);
  const [sight, ...readiness] = await Promise.all([
    knock(writerVip.address, first.port, factsMs),
    ...servers.map(async ({ id }) => ({ server: id, readiness: await addresses.ready(id, signal) })),
  ]);
  return { addresses: readiness, addressAnswers: sight !== 'no-answer' && sight !== 'cannot-tell' };
}

function words({ outcome, fault, message }: SshCheck['reach']): {
  outcome: SshCheck['reach']['outcome'];
  message?: string;
} {
  const text = fault?.message ?? message;
  return text === undefined ? { outcome } : { outcome, message: text };
}

function hostKeysOf({ hostKeyNotices }: Parts): readonly HostKeyEvidence[] {
  return hostKeyNotices.map(({ host, kind, fingerprint, file }) => ({ host, kind, fingerprint, file }));
}

function sshOptionsOf(server: ServerSettings): SshOptionsEvidence {
  const { hostKeyPolicy, notUnderstood } = parseSshOptions(server.ssh.options, homedir());
  return { server: server.id, hostKeyPolicy, notUnderstood };
}

async function readFacts(
  { servers }: Parts,
  verdict: Verdict,
  picture: Evidence['picture'],
): Promise<ReadonlyMap<ServerId, ServerFacts>> {
  const read = factsReader(servers);
  const ids = [...picture.servers.keys()].filter((id) => stateOf(picture, id) !== undefined);
  const asked = ids.filter((id) => id === verdict.source || verdict.replicas.some(({ server }) => server === id));
  const facts = await Promise.all(asked.map(async (id) => [id, await read(id, { deadlineMs: factsMs })] as const));
  return new Map(facts);
}

/** The replication account on every server that could become the source, from the host of another one. */
async function tryAccounts(
  { settings, shells }: Parts,
  verdict: Verdict,
  ssh: readonly SshCheck[],
): Promise<readonly AccountEvidence[]> {
  const reachable = (id: ServerId): boolean => ssh.some((check) => check.id === id && check.forward.outcome === 'ok');
  const members = verdict.replicas.map(({ server }) => server);
  const candidates = settings.servers.filter((server) => members.includes(server.id) && !server.noMaster);
  const tries = candidates.map(async (candidate): Promise<AccountEvidence | undefined> => {
    const { replicationUser: user, replicationPassword: password } = candidate;
    const from = [...members, verdict.source].find((id) => id !== undefined && id !== candidate.id && reachable(id));
    if (user === undefined || password === undefined || from === undefined) return undefined;
    const open = () => shells.door(from).connectFrom(candidate.address, candidate.port, factsMs);
    const result = await probeAccount(
      { ...targetOf(candidate), account: { user, password }, open },
      { deadlineMs: factsMs },
    );
    return { from, to: candidate.id, user, result };
  });
  return (await Promise.all(tries)).filter((attempt) => attempt !== undefined);
}
