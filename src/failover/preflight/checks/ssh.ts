import path from 'node:path/posix';
import type { Finding } from '../../../model/finding.js';
import type { Check, Evidence, SshEvidence } from '../evidence.js';
import { answering, replicasOf } from '../roles.js';

/** Hosts answer to SSH. Without it a failover still works, and cannot rescue everything: that is what is said. */
export const sshLogin: Check = (evidence) =>
  evidence.ssh.filter(lacksLogin).map((host): Finding => {
    const isCopy = evidence.settings.binlogServers.some(({ id }) => id === host.id);
    return {
      id: 'ssh-login',
      severity: isCopy ? severityOfCopies(evidence) : 'warn',
      server: host.id,
      seen: `SSH to ${host.host} failed: ${host.login.message ?? host.reach.message ?? 'no reason given'}`,
      matters: isCopy
        ? 'Its copies of the binary logs cannot be used when the source dies.'
        : 'If this is the source and it dies, what only its disk holds is lost, and nothing can keep it down; if it is a replica, its relay log cannot level the others.',
      fix: 'Check SSH port, user and key: mha-ts check-ssh',
    };
  });

/** MHA: each of them must be in order at the start; in a failover one is enough. */
function severityOfCopies({ purpose }: Evidence): Finding['severity'] {
  return purpose === 'monitor' || purpose === 'check' ? 'refuse' : 'warn';
}

function lacksLogin(host: SshEvidence): boolean {
  return !host.skipped && (host.reach.outcome === 'failed' || host.login.outcome === 'failed');
}

/** A replica can reach the recovery source: through a tunnel, or on an address of this machine. */
export const reverseTunnel: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, settings }) => {
    const host = evidence.ssh.find((item) => item.id === id);
    if (host === undefined || host.skipped || host.reverse.outcome === 'ok') return [];
    const listens = settings.recoveryListenAddress;
    if (host.reverse.outcome === 'cannot-tell' && listens === undefined && lacksLogin(host)) return [noWay(id, host)];
    if (host.reverse.outcome === 'cannot-tell') return [];
    return [listens === undefined ? noWay(id, host) : otherWay(id, host, listens)];
  });

function noWay(server: SshEvidence['id'], host: SshEvidence): Finding {
  return {
    id: 'reverse-tunnel',
    severity: 'warn',
    server,
    seen: `${host.host} opens no reverse tunnel: ${host.reverse.message ?? host.login.message ?? host.reach.message ?? 'no reason given'}`,
    matters:
      'Events rescued from the dead source cannot be handed to this replica; only with GTID can it get from another replica what that one has.',
    fix: 'Set AllowTcpForwarding yes in its sshd_config; or set recovery_listen_address in its block to an address of this machine.',
  };
}

function otherWay(server: SshEvidence['id'], host: SshEvidence, address: string): Finding {
  return {
    id: 'reverse-tunnel',
    severity: 'note',
    server,
    seen: `${host.host} opens no reverse tunnel; ${address} of this machine is used instead`,
    matters: 'Rescued events then travel in the open unless the replica asks for TLS.',
    fix: 'Nothing to do, if that network is trusted.',
  };
}

/** The SSH user can read the binary logs of each server that is or may become the source. */
export const binlogReadable: Check = (evidence) =>
  answering(evidence).flatMap(({ id, state }) => {
    const host = evidence.ssh.find((item) => item.id === id);
    if (host?.login.outcome !== 'ok' || !state.logBin) return [];
    const wanted = state.binlogBase === undefined ? undefined : path.dirname(state.binlogBase);
    const known = host.directories.filter((directory) => directory.state !== undefined);
    const named = known.filter((directory) => wanted === undefined || path.normalize(`${directory.path}/.`) === wanted);
    if (wanted !== undefined && named.length === 0 && known.length > 0) return [elsewhere(evidence, id, wanted, known)];
    if (named.length === 0 || named.some((directory) => directory.state === 'readable')) return [];
    return [unreadable(evidence, id, host.host, placesOf(named))];
  });

type Directories = SshEvidence['directories'];

function placesOf(directories: Directories): string {
  return directories.map((item) => `${item.path} (${words(item.state)})`).join(', ');
}

/** It may be the same place by another name, where one of them can be read. */
function elsewhere({ settings }: Evidence, server: SshEvidence['id'], wanted: string, known: Directories): Finding {
  const block = settings.servers.find(({ id }) => id === server)?.block ?? '?';
  return {
    id: 'binlog-dir',
    severity: known.some(({ state }) => state === 'readable') ? 'note' : 'warn',
    server,
    seen: `${server} keeps its binary logs in ${wanted}, which master_binlog_dir does not name: ${placesOf(known)}`,
    matters:
      'A running manager has asked the server for the place; a failover by hand of a source that is dead already looks in the named ones alone. Whether the SSH user can read the logs was not tried.',
    fix: `Set master_binlog_dir=${wanted} in [${block}].`,
  };
}

/** What a binlog server holds can be read there. */
export const copiesReadable: Check = (evidence) =>
  evidence.settings.binlogServers.flatMap(({ id, block }): readonly Finding[] => {
    const host = evidence.ssh.find((item) => item.id === id);
    const looked = (host?.directories ?? []).filter(({ state }) => state !== undefined);
    if (host?.login.outcome !== 'ok' || looked.length === 0) return [];
    if (looked.some(({ state }) => state === 'readable')) return [];
    const places = looked.map((item) => `${item.path} (${words(item.state)})`).join(', ');
    return [
      {
        id: 'copies-readable',
        severity: severityOfCopies(evidence),
        server: id,
        seen: `On ${host.host} ([${block}]) the SSH user can read no copy of the binary logs: ${places}`,
        matters: 'What only this host has received of the source cannot be rescued when the source dies.',
        fix: `Set master_binlog_dir in [${block}] to the folder that the log is streamed to, and let the SSH user read its files.`,
      },
    ];
  });

function unreadable(evidence: Evidence, server: SshEvidence['id'], host: string, places: string): Finding {
  return {
    id: 'binlog-readable',
    severity: 'warn',
    server,
    seen: `On ${host} the SSH user cannot read binary logs: ${places}`,
    matters:
      server === evidence.verdict.source
        ? 'If the source dies, what only its disk holds cannot be rescued.'
        : 'Once this server is the source, what only its disk holds could not be rescued.',
    fix: 'Let the SSH user read the directory and its files (group mysql, or root); or correct master_binlog_dir.',
  };
}

function words(state: SshEvidence['directories'][number]['state']): string {
  return state === 'files-not-readable'
    ? 'files not readable'
    : state === 'not-readable'
      ? 'not readable'
      : (state ?? 'not known');
}
