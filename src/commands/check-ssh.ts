import { BaseCommand } from '../cli/base-command.js';
import type { CheckResult, SshCheck } from '../ssh/check.js';

const deadlineMs = 8_000;

/** A login is what the rescue stands on; a tunnel that is forbidden leaves other ways, so it does not fail the check. */
function isFine({ skipped, login, command }: SshCheck): boolean {
  return skipped || (login.outcome === 'ok' && command.outcome === 'ok');
}

function word(name: string, { outcome, ms, fault, message }: CheckResult): string {
  if (outcome === 'ok') return `${name} ok (${String(Math.round(ms))} ms)`;
  const why = fault?.message ?? message;
  return `${name} ${outcome}${why === undefined ? '' : `: ${why}`}`;
}

function lines(check: SshCheck): readonly string[] {
  if (check.skipped) return [`${check.id}: skipped (skip_init_ssh_check=1)`];
  const parts = [
    // Where nobody was reached, that is the reason of all that could not be tried.
    ...(check.reach.outcome === 'failed' ? [word('connection', check.reach)] : []),
    word('login', check.login),
    word('command', check.command),
    word('forward tunnel', check.forward),
    word('reverse tunnel', check.reverse),
  ];
  const directories = check.directories.map(({ path, state }) => `    ${path}: ${state ?? 'not looked at'}`);
  return [`${check.id}: ${isFine(check) ? 'OK' : 'NOT OK'}`, ...parts.map((part) => `    ${part}`), ...directories];
}

export default class CheckSsh extends BaseCommand {
  static override hiddenAliases = ['check_ssh'];
  static override summary = 'Prove that the manager reaches every host over SSH, and that the tunnels work.';
  static override description =
    'Only the manager needs to reach the hosts; they need not reach each other. Exit 0 when every login works, else 1.';
  static override examples = ['<%= config.bin %> check-ssh --conf conf/app1.cnf', '<%= config.bin %> check-ssh --json'];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(CheckSsh);
    const { settings } = await this.configuration(flags);
    const [{ checkSsh }, { openShells }, { hostKeyWords }] = await Promise.all([
      import('../ssh/check.js'),
      import('../ssh/doors.js'),
      import('../cli/host-key-words.js'),
    ]);
    const everyone = [...settings.servers, ...settings.binlogServers];
    const shells = openShells(everyone, { onNotice: (notice) => this.say(hostKeyWords(notice)) });
    try {
      const checks = await checkSsh(everyone, shells, { deadlineMs });
      const ok = checks.every(isFine);
      for (const line of checks.flatMap(lines)) this.log(line);
      this.log(ok ? 'All SSH connection tests passed successfully.' : 'SSH is NOT OK.');
      process.exitCode = ok ? 0 : 1;
      return { ok, hosts: checks };
    } finally {
      shells.close();
    }
  }
}
