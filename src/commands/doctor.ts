import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

const defaultLagSeconds = 30;

export default class Doctor extends BaseCommand {
  static override summary =
    'Look at an installation of MHA: what works as it is, what is not needed any more, what to change.';
  static override description = `For whoever comes from MHA, beside a running masterha_manager or instead of it. Looks at the configuration, the hook
scripts, the accounts and their rights, SSH, and what MHA has left on the hosts (node package, purge_relay_logs in cron).
Changes nothing; as MHA's own checks do, it calls master_ip_failover_script and shutdown_script with --command=status.
Exit 0 when nothing stands in the way of a failover, else 1.`;
  static override examples = [
    '<%= config.bin %> doctor --conf /etc/masterha/app1.cnf',
    '<%= config.bin %> doctor --conf conf/app1.cnf --json',
    '<%= config.bin %> doctor --conf conf/app1.cnf --skip-check-ssh',
  ];
  static override flags = {
    'seconds-behind-master': Flags.integer({
      aliases: ['seconds_behind_master'],
      default: defaultLagSeconds,
      min: 0,
      description: 'lag above which a replica counts as unhealthy',
    }),
    'skip-check-ssh': Flags.boolean({
      aliases: ['skip_check_ssh', 'skip-ssh-check', 'skip_ssh_check'],
      description: 'do not ask anything over SSH',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Doctor);
    const configuration = await this.configuration(flags);
    const [{ openParts }, { examine }, { diagnose }, { refuses }, { doctorLines }] = await Promise.all([
      import('../cli/parts.js'),
      import('../cli/doctor/examine.js'),
      import('../cli/doctor/diagnose.js'),
      import('../failover/preflight/preflight.js'),
      import('../cli/doctor/lines.js'),
    ]);
    const parts = openParts(configuration.settings, (text) => this.say(text));
    try {
      const { installation, grants } = await examine(parts, configuration, {
        maxLagSeconds: flags['seconds-behind-master'],
        ssh: !flags['skip-check-ssh'],
        searchPath: process.env['PATH'] ?? '',
      });
      const diagnosis = diagnose(installation);
      const ok = !refuses(diagnosis.change);
      for (const line of doctorLines(diagnosis, grants)) this.log(line);
      this.log(ok ? 'Nothing stands in the way of a failover.' : 'A failover would not work now: see REFUSE above.');
      process.exitCode = ok ? 0 : 1;
      return { ok, ...diagnosis, grants };
    } finally {
      await parts.close();
    }
  }
}
