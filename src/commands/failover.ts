import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { askingOf } from '../cli/questions.js';
import {
  askFlag,
  failoverChoices,
  failoverFlags,
  interactiveFlag,
  logFlag,
  viewOf,
  withPort,
  workdirFlag,
} from '../cli/run-flags.js';

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
    'dead-master-ip': Flags.string({
      aliases: ['dead_master_ip'],
      helpValue: 'ADDRESS',
      description: 'its address, if it is to be compared as well',
    }),
    'ssh-reachable': Flags.integer({
      aliases: ['ssh_reachable'],
      hidden: true,
      description: 'accepted from MHA’s users; whether its host can be reached is tried in any case',
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ aliases: ['dry_run'], description: 'print the plan with its SQL; touch nothing' }),
    ...interactiveFlag,
    ...askFlag,
    ...workdirFlag,
    ...logFlag,
    ...failoverFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Failover);
    const configuration = await this.configuration(flags);
    const { runFailover } = await import('../cli/failover-run.js');
    const host = flags['dead-master-host'];
    const address = flags['dead-master-ip'];
    const result = await runFailover({
      configuration,
      ...failoverChoices(flags),
      deadHost: withPort(host, flags['dead-master-port']) ?? host,
      ...(address === undefined ? {} : { deadAddress: address }),
      asking: askingOf(flags),
      dryRun: flags['dry-run'],
      show: viewOf(this.jsonEnabled(), flags),
      say: (text) => this.say(text),
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
