import { BaseCommand } from '../cli/base-command.js';
import { monitorChoices, monitorFlags, viewFlags, viewOf } from '../cli/run-flags.js';

export default class Monitor extends BaseCommand {
  static override summary = 'Watch the source and end when it is dead, without a failover.';
  static override description = `As the manager watches it: with the same checks at the start and the same proof.
Exit 20 the source is dead; 1 an error, or ended by a signal.`;
  static override examples = [
    '<%= config.bin %> monitor --conf conf/app1.cnf',
    '<%= config.bin %> monitor --conf conf/app1.cnf --interactive 1',
  ];
  static override flags = { ...monitorFlags, ...viewFlags };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Monitor);
    const configuration = await this.configuration(flags);
    const { runManager } = await import('../cli/manager-run.js');
    const result = await runManager({
      configuration,
      ...monitorChoices(flags),
      show: viewOf(this.jsonEnabled(), flags),
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
