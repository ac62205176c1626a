import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { configurationLines } from '../../cli/configuration-lines.js';
import { isUnneeded } from '../../config/keys.js';

export default class ConfigShow extends BaseCommand {
  static override summary =
    'Show the configuration with the origin of every value, and what is not needed; passwords are masked.';
  static override description =
    'Reads and checks the files, asks no server. Exit 0 when the configuration is valid, else 1.';
  static override examples = [
    '<%= config.bin %> config show --conf conf/app1.cnf',
    '<%= config.bin %> config show --conf conf/app1.cnf --effective',
    '<%= config.bin %> config show --effective --json',
  ];
  static override flags = {
    effective: Flags.boolean({ description: 'every value that counts, those that nobody wrote included' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigShow);
    const { chosen, origins, warnings } = await this.configuration(flags);
    const isWritten = ({ kind }: (typeof origins)[number]['origin']): boolean => kind === 'file' || kind === 'script';
    const values = flags.effective ? origins : origins.filter(({ origin }) => isWritten(origin));
    for (const line of configurationLines(values)) this.log(line);
    const told = values.map((value) => ({ ...value, unneeded: isUnneeded(value.key) }));
    return { file: chosen.file, because: chosen.because, values: told, warnings };
  }
}
