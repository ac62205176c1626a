import { BaseCommand } from '../cli/base-command.js';
import { failoverChoices, failoverFlags, monitorChoices, monitorFlags, viewOf } from '../cli/run-flags.js';

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
  static override flags = { ...monitorFlags, ...failoverFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Manager);
    const configuration = await this.configuration(flags);
    const { runManager } = await import('../cli/manager-run.js');
    const result = await runManager({
      configuration,
      ...monitorChoices(flags),
      failover: failoverChoices(flags),
      show: viewOf(this.jsonEnabled(), flags),
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
