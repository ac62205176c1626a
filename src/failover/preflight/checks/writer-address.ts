import { isIP } from 'node:net';
import type { Finding, Severity } from '../../../model/finding.js';
import { stateOf } from '../../../model/picture.js';
import type { ServerId } from '../../../model/settings.js';
import type { AddressReadiness } from '../../../ports/addresses.js';
import type { AddressEvidence, Check, Evidence } from '../evidence.js';

const hearsAll: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

type Asked = Extract<AddressReadiness, { kind: 'asked' }>;

/**
 * writer_vip can move: every server that may lead can take it, the present source can give it away, and nobody else has it.
 * A failover ends where the address cannot follow, so this refuses as an unready script of the site's would.
 */
export const writerAddress: Check = (evidence) => {
  if (evidence.settings.writerVip === undefined || evidence.addresses.length === 0) return [];
  return [...evidence.addresses.flatMap((entry) => ofHost(entry, evidence)), ...place(evidence)];
};

function finding(server: ServerId, severity: Severity, seen: string, matters: string, fix: string): Finding {
  return { id: 'writer-address', severity, server, seen, matters, fix };
}

function ofHost({ server, readiness }: AddressEvidence, evidence: Evidence): readonly Finding[] {
  const { settings, verdict } = evidence;
  const isSource = server === verdict.source;
  const known = settings.servers.find(({ id }) => id === server);
  const mayLead = verdict.replicas.some((replica) => replica.server === server) && known?.noMaster === false;
  if (!isSource && !mayLead) return [];
  const name = known?.writerVipInterface ?? '';
  if (readiness.kind === 'cannot-tell') {
    // A manager may start while the source's host is dead.
    const severity = isSource && !verdict.sourceAnswers ? 'note' : 'refuse';
    return [
      finding(
        server,
        severity,
        `The writer's address cannot be moved on ${server}: ${readiness.why}`,
        isSource
          ? 'Its host could not be told to give the address up; only a host that answers nowhere is passed over.'
          : 'As the new source it could not be given the address, and a failover to it would be put back.',
        'Make its shell work (mha-ts check-ssh) and install iproute2; or set no_master=1 in its block.',
      ),
    ];
  }
  return [
    ...missing(server, name, readiness),
    ...deaf(server, evidence),
    ...heldWrongly(server, name, isSource, readiness, settings),
  ];
}

function missing(server: ServerId, name: string, { hasInterface, forbidden, announcers }: Asked): readonly Finding[] {
  const findings: Finding[] = [];
  if (!hasInterface) {
    findings.push(
      finding(
        server,
        'refuse',
        `The host of ${server} has no interface ${name}`,
        "The writer's address could not be brought up there, and a failover to it would be put back.",
        'Correct writer_vip_interface in its block (ip -brief link shows the names); or set no_master=1.',
      ),
    );
  }
  if (forbidden !== undefined) {
    findings.push(
      finding(
        server,
        'refuse',
        `The SSH user may not change addresses on the host of ${server}: ${forbidden}`,
        "The writer's address could not be moved there.",
        'Let it run, without a password, what docs/writer-address.md lists for sudoers.',
      ),
    );
  }
  if (announcers.length === 0) {
    findings.push(
      finding(
        server,
        'warn',
        `The host of ${server} has no arping, perl or python3`,
        'Neighbours cannot be told that the address has moved: they go on sending to the old host, up to a minute.',
        'Install arping there (Debian: iputils-arping, Red Hat: iputils).',
      ),
    );
  }
  return findings;
}

/** A server bound to other addresses only does not hear what comes by this one. A name in the list cannot be judged here. */
function deaf(server: ServerId, { picture, settings }: Evidence): readonly Finding[] {
  const state = stateOf(picture, server);
  if (state === undefined) return [];
  const bound = state.bindAddress.split(',').map((part) => part.trim().toLowerCase());
  const isOther = (part: string): boolean =>
    isIP(part) !== 0 && !hearsAll.has(part) && part !== settings.writerVip?.address;
  if (!bound.every(isOther)) return [];
  return [
    finding(
      server,
      'refuse',
      `${server} listens on ${state.bindAddress} only`,
      "What comes by the writer's address finds nobody listening there.",
      "Set bind_address=* (or a list with the writer's address) in its option file and restart it.",
    ),
  ];
}

function heldWrongly(
  server: ServerId,
  name: string,
  isSource: boolean,
  { held }: Asked,
  { writerVip }: Evidence['settings'],
): readonly Finding[] {
  if (held === undefined) return [];
  const address = writerVip?.address ?? '';
  if (!isSource) {
    return [
      finding(
        server,
        'refuse',
        `The host of ${server}, a replica, has the writer's address ${address} (${held.interface})`,
        'Clients that write come to the wrong server, and after a failover two hosts would have the address.',
        `Remove it there: ip addr del ${address}/${String(held.prefix)} dev ${held.interface}`,
      ),
    ];
  }
  if (held.interface === name && held.prefix === writerVip?.prefix) return [];
  return [
    finding(
      server,
      'warn',
      `The host of ${server} has the writer's address as ${address}/${String(held.prefix)} on ${held.interface}, configured is /${String(writerVip?.prefix)} on ${name}`,
      'It is taken away as it is there, and brought up elsewhere as configured.',
      'Make both agree.',
    ),
  ];
}

/** Where nobody of ours has it. Answers from there are then a stranger's. */
function place({ addresses, addressAnswers, settings, verdict }: Evidence): readonly Finding[] {
  const { source } = verdict;
  const asked = addresses.filter(({ readiness }) => readiness.kind === 'asked');
  const isHeld = asked.some(({ readiness }) => readiness.kind === 'asked' && readiness.held !== undefined);
  const sourceAsked = asked.some(({ server }) => server === source);
  if (source === undefined || isHeld || !sourceAsked) return [];
  const vip = `${settings.writerVip?.address ?? ''}/${String(settings.writerVip?.prefix ?? 0)}`;
  const known = settings.servers.find(({ id }) => id === source);
  if (addressAnswers === true && asked.length === addresses.length) {
    return [
      finding(
        source,
        'refuse',
        `Somebody answers at the writer's address ${vip}, and no host of this cluster has it`,
        'Another machine has it: after a failover both would.',
        'Find that machine (arping shows its hardware address) and take the address from it; or correct writer_vip.',
      ),
    ];
  }
  return [
    finding(
      source,
      'warn',
      `The host of the source ${source} does not have the writer's address ${vip}`,
      'Clients do not reach the source by it; the next failover or switch brings it up on the new one.',
      `Bring it up there: ip addr add ${vip} dev ${known?.writerVipInterface ?? ''}`,
    ),
  ];
}
