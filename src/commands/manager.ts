import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

const lastFailoverMinutes = 480;

export default class Manager extends BaseCommand {
  static override summary = 'Watch the source; when it dies, fail over once and end.';
  static override description = `Runs in the foreground and needs no terminal. The death must be proven (or confirmed by every vantage point);
what only the dead machine's disk holds is rescued before another server is opened.
Exit 0 all done; 10 the new source is up, but a replica was not recovered; 1 aborted.`;
  static override examples = [
    '<%= config.bin %> manager --conf /etc/mha/app1.cnf',
    '<%= config.bin %> manager --conf app1.cnf --ignore-last-failover',
    'nohup <%= config.bin %> manager --conf app1.cnf > /var/log/mha/app1.log 2>&1 &',
  ];
  static override flags = {
    'ignore-last-failover': Flags.boolean({
      aliases: ['ignore_last_failover'],
      description: 'fail over although the last one failed or was recent',
    }),
    'last-failover-minute': Flags.integer({
      aliases: ['last_failover_minute'],
      default: lastFailoverMinutes,
      min: 0,
      description: 'refuse another failover within this many minutes of the last one',
    }),
    'new-master': Flags.string({
      aliases: ['new-master-host', 'new_master_host', 'new_master'],
      helpValue: 'HOST[:PORT]',
      description: 'the server that becomes the source; it must be fit',
    }),
    'skip-check-ssh': Flags.boolean({
      aliases: ['skip_check_ssh', 'skip-ssh-check', 'skip_ssh_check'],
      description: 'do not check SSH at the start',
    }),
    'skip-save-master-binlog': Flags.boolean({
      aliases: ['skip_save_master_binlog'],
      description: 'do not rescue what only the dead machine holds',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'only the result' }),
    verbose: Flags.boolean({ description: 'every step' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Manager);
    const configuration = await this.configuration(flags);
    const { runManager } = await import('../cli/manager-run.js');
    const newMaster = flags['new-master'];
    const result = await runManager({
      configuration,
      ...(newMaster === undefined ? {} : { newMaster }),
      ssh: !flags['skip-check-ssh'],
      lastFailover: { minutes: flags['last-failover-minute'], ignore: flags['ignore-last-failover'] },
      rescue: !flags['skip-save-master-binlog'],
      show: { json: this.jsonEnabled(), quiet: flags.quiet, verbose: flags.verbose },
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
