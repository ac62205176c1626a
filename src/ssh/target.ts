import { homedir, userInfo } from 'node:os';
import type { SshSettings } from '../model/settings.js';
import { type HostKeyPolicy, type JumpHost, parseSshOptions } from './options.js';

/** What this machine's user brings along: where keys and records lie, and the agent's socket. */
export interface SshHome {
  readonly home: string;
  readonly agentSocket: string | undefined;
  readonly globalKnownHosts: readonly string[];
}

/** One SSH login, with `ssh_options` merged over the server's own settings. */
export interface Target {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly connectTimeoutMs: number;
  readonly identityFiles: readonly string[] | undefined;
  readonly identitiesOnly: boolean;
  readonly compression: boolean;
  readonly hostKeyPolicy: HostKeyPolicy;
  readonly knownHostsFiles: readonly string[];
  readonly jumps: readonly JumpHost[];
}

export function localSshHome(): SshHome {
  return {
    home: accountHome(),
    agentSocket: process.env['SSH_AUTH_SOCK'],
    globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
  };
}

/** OpenSSH takes the account's home and not $HOME; they differ under sudo. */
function accountHome(): string {
  try {
    return userInfo().homedir;
  } catch (error) {
    // A container's user id may have no passwd entry: then $HOME is all there is.
    if (error instanceof Error && 'code' in error) return homedir();
    throw error;
  }
}

/** As with OpenSSH, what the option words say wins over the port and user given beside them. */
export function targetOf(settings: SshSettings, { home }: SshHome): Target {
  const options = parseSshOptions(settings.options, home);
  return {
    host: settings.host,
    address: settings.address,
    port: options.port ?? settings.port,
    user: options.user ?? settings.user,
    connectTimeoutMs: options.connectTimeoutMs ?? settings.connectTimeoutMs,
    identityFiles: options.identityFiles.length > 0 ? options.identityFiles : undefined,
    identitiesOnly: options.identitiesOnly,
    compression: options.compression ?? false,
    hostKeyPolicy: options.hostKeyPolicy ?? 'accept-new',
    knownHostsFiles: options.knownHostsFiles ?? [`${home}/.ssh/known_hosts`, `${home}/.ssh/known_hosts2`],
    jumps: options.jumps,
  };
}

/**
 * The way to a jump host. OpenSSH would take keys for it from ssh_config, which is not read here, so the target's
 * own identities and host key rules serve for the whole way.
 */
export function jumpTarget(target: Target, jump: JumpHost): Target {
  return {
    ...target,
    host: jump.host,
    address: jump.host,
    port: jump.port ?? 22,
    user: jump.user ?? target.user,
    // What goes through it is encrypted already: that does not become smaller.
    compression: false,
    jumps: [],
  };
}
