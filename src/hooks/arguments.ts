/**
 * Room `hooks`: MHA's script protocol. It may import `model` and `ports`. Invariant: scripts get MHA's own arguments in MHA's
 * words, so that they run unchanged; only here, where that contract names them, is a password an argument.
 */
import type { ServerSettings } from '../model/settings.js';
import type { HookRequest } from '../ports/hooks.js';

type Argument = HookRequest['args'][number];

const plain = (name: string, value: string | number): Argument => ({ text: `--${name}=${String(value)}` });
const secret = (name: string, value: string): Argument => ({ text: `--${name}=${value}`, secret: true });

const standardSshPort = 22;

/** What MHA appends where the SSH target is not simply the host on port 22; name and address come together. */
function sshExtras(
  side: 'orig_master_' | 'new_master_' | '',
  { ssh, hostname, address }: ServerSettings,
): readonly Argument[] {
  const isElsewhere = ssh.host !== hostname || ssh.address !== address;
  return [
    ...(isElsewhere ? [plain(`${side}ssh_host`, ssh.host), plain(`${side}ssh_ip`, ssh.address)] : []),
    ...(ssh.port === standardSshPort ? [] : [plain(`${side}ssh_port`, ssh.port)]),
  ];
}

/**
 * Scripts put this before every host name they log in to. The site's own options come first, since the first value of an
 * option counts (ssh_config(5)), and as everywhere here an unknown host key is accepted and a changed one is not.
 */
const quietly = '-o StrictHostKeyChecking=accept-new -o PasswordAuthentication=no -o BatchMode=yes';

/** For work on a host that is known to answer. */
function aliveOptions({ options: own }: ServerSettings['ssh']): string {
  return `${own} -o ServerAliveInterval=60 -o ServerAliveCountMax=20 -o ConnectionAttempts=5 ${quietly}`;
}

/** For finding out whether a host answers. */
function checkOptions({ options: own, connectTimeoutMs }: ServerSettings['ssh']): string {
  return `${own} ${quietly} -o ConnectTimeout=${String(Math.ceil(connectTimeoutMs / 1000))}`;
}

/** Only where the site has options of its own, as with MHA: scripts that never saw the argument need not know it. */
function options(sshReachable: boolean, ...servers: readonly ServerSettings[]): readonly Argument[] {
  const given = servers.map(({ ssh }) => ssh).find((ssh) => ssh.options !== '');
  if (given === undefined) return [];
  return [plain('ssh_options', sshReachable ? aliveOptions(given) : checkOptions(given))];
}

function identity(side: 'orig_master' | 'new_master', server: ServerSettings): readonly Argument[] {
  return [
    plain(`${side}_host`, server.hostname),
    plain(`${side}_ip`, server.address),
    plain(`${side}_port`, server.port),
  ];
}

/** master_ip_failover_script at the start of the manager and in the checks. */
export function ipStatus(source: ServerSettings): readonly Argument[] {
  return [
    plain('command', 'status'),
    plain('ssh_user', source.ssh.user),
    ...identity('orig_master', source),
    ...sshExtras('orig_master_', source),
    ...options(true, source),
  ];
}

/** master_ip_failover_script while the dead source is shut away. */
export function ipStop(source: ServerSettings, sshReachable: boolean): readonly Argument[] {
  const command = sshReachable
    ? [plain('command', 'stopssh'), plain('ssh_user', source.ssh.user)]
    : [plain('command', 'stop')];
  return [
    ...identity('orig_master', source),
    ...command,
    ...sshExtras('orig_master_', source),
    ...options(sshReachable, source),
  ];
}

/** master_ip_failover_script when the new source takes over; the one call in which MHA passes the account. */
export function ipStart(source: ServerSettings, next: ServerSettings, sshReachable: boolean): readonly Argument[] {
  return [
    plain('command', 'start'),
    plain('ssh_user', next.ssh.user),
    ...identity('orig_master', source),
    ...identity('new_master', next),
    plain('new_master_user', next.account.user),
    secret('new_master_password', next.account.password.reveal()),
    ...sshExtras('orig_master_', source),
    ...sshExtras('new_master_', next),
    ...options(sshReachable, source, next),
  ];
}

/** shutdown_script; its extras carry no side in their names. */
export function shutdown(source: ServerSettings, command: 'status' | 'stop' | 'stopssh'): readonly Argument[] {
  const user = command === 'stop' ? [] : [plain('ssh_user', source.ssh.user)];
  const port = command === 'status' ? [] : [plain('port', source.port)];
  const pidFile =
    command === 'status' || source.masterPidFile === undefined ? [] : [plain('pid_file', source.masterPidFile)];
  return [
    plain('command', command),
    ...user,
    plain('host', source.hostname),
    plain('ip', source.address),
    ...port,
    ...pidFile,
    ...sshExtras('', source),
    ...options(command !== 'stop', source),
  ];
}

export interface OnlineChange {
  readonly command: 'stop' | 'start';
  readonly source: ServerSettings;
  readonly next: ServerSettings;
  readonly oldSourceStays: boolean;
}

/** master_ip_online_change_script; both accounts are passed, as MHA does. */
export function onlineChange({ command, source, next, oldSourceStays }: OnlineChange): readonly Argument[] {
  const side = (name: 'orig_master' | 'new_master', server: ServerSettings): readonly Argument[] => [
    ...identity(name, server),
    plain(`${name}_user`, server.account.user),
    secret(`${name}_password`, server.account.password.reveal()),
    plain(`${name}_ssh_user`, server.ssh.user),
  ];
  return [
    plain('command', command),
    ...side('orig_master', source),
    ...side('new_master', next),
    ...sshExtras('orig_master_', source),
    ...sshExtras('new_master_', next),
    ...options(true, source, next),
    ...(oldSourceStays ? [{ text: '--orig_master_is_new_slave' }] : []),
  ];
}

/** secondary_check_script: asked whether others see the source. */
export function secondaryCheck(source: ServerSettings): readonly Argument[] {
  return [
    plain('user', source.ssh.user),
    plain('master_host', source.hostname),
    plain('master_ip', source.address),
    plain('master_port', source.port),
    plain('master_user', source.account.user),
    secret('master_password', source.account.password.reveal()),
    plain('ping_type', source.pingType),
    ...(source.ssh.options === '' ? [] : [plain('options', checkOptions(source.ssh))]),
  ];
}

export interface ReportArguments {
  readonly source: ServerSettings;
  readonly next?: ServerSettings;
  readonly replicas: readonly ServerSettings[];
  readonly confFile: string;
  readonly subject: string;
  readonly body: string;
}

/** One argument may have 128 KiB (execve(2), MAX_ARG_STRLEN); a longer text could not be passed at all. */
const maxBodyBytes = 100_000;

function shortened(body: string): string {
  const bytes = Buffer.from(body);
  if (bytes.length <= maxBodyBytes) return body;
  return `${bytes.subarray(0, maxBodyBytes).toString('utf8')}\n... (shortened; the whole report is in manager_workdir)`;
}

export function report({ source, next, replicas, confFile, subject, body }: ReportArguments): readonly Argument[] {
  return [
    plain('orig_master_host', source.hostname),
    ...(next === undefined ? [] : [plain('new_master_host', next.hostname)]),
    ...(next === undefined ? [] : [plain('new_slave_hosts', replicas.map(({ hostname }) => hostname).join(','))]),
    plain('conf', confFile),
    plain('subject', subject),
    plain('body', shortened(body)),
  ];
}
