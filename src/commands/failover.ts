import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

const lastFailoverMinutes = 480;

export default class Failover extends BaseCommand {
  static override summary = 'Fail over by hand from a source that is dead.';
  static override description = `The same proof, plan and report as the manager's. A source that any vantage point still sees is not failed over.
Exit 0 all done; 10 the new source is up, but a replica was not recovered; 1 aborted.`;
  static override examples = [
    '<%= config.bin %> failover --dead-master-host db1 --dry-run',
    '<%= config.bin %> failover --conf conf/app1.cnf --dead-master-host db1 --yes',
    '<%= config.bin %> failover --dead-master-host db1 --new-master db3',
  ];
  static override flags = {
    'dead-master-host': Flags.string({
      aliases: ['dead_master_host'],
      required: true,
      helpValue: 'HOST[:PORT]',
      description: 'the source that is dead',
    }),
    'dead-master-port': Flags.integer({ aliases: ['dead_master_port'], hidden: true }),
    'new-master': Flags.string({
      aliases: ['new-master-host', 'new_master_host', 'new_master'],
      helpValue: 'HOST[:PORT]',
      description: 'the server that becomes the source; it must be fit',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ aliases: ['dry_run'], description: 'print the plan with its SQL; touch nothing' }),
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
    'skip-save-master-binlog': Flags.boolean({
      aliases: ['skip_save_master_binlog'],
      description: 'do not rescue what only the dead machine holds',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'only the result' }),
    verbose: Flags.boolean({ description: 'every step' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Failover);
    const configuration = await this.configuration(flags);
    const { runFailover } = await import('../cli/failover-run.js');
    const host = flags['dead-master-host'];
    const port = flags['dead-master-port'];
    const newMaster = flags['new-master'];
    const result = await runFailover({
      configuration,
      deadHost: port === undefined || host.includes(':') ? host : `${host}:${String(port)}`,
      ...(newMaster === undefined ? {} : { newMaster }),
      yes: flags.yes,
      dryRun: flags['dry-run'],
      lastFailover: { minutes: flags['last-failover-minute'], ignore: flags['ignore-last-failover'] },
      rescue: !flags['skip-save-master-binlog'],
      show: { json: this.jsonEnabled(), quiet: flags.quiet, verbose: flags.verbose },
      say: (text) => this.say(text),
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
