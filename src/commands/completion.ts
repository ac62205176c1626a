import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { completionScript } from '../cli/completion-script.js';

export default class Completion extends BaseCommand {
  static override summary = 'Print a script that completes commands and flags in a shell.';
  static override description = 'Writes no file; the shell reads the script from the output.';
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion bash > /etc/bash_completion.d/<%= config.bin %>',
    'source <(<%= config.bin %> completion zsh)',
  ];
  static override args = {
    shell: Args.string({ required: true, options: ['bash', 'zsh'], description: 'the shell that reads it' }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Completion);
    const script = completionScript(this.config.bin, args.shell === 'zsh' ? 'zsh' : 'bash', this.config.commands);
    if (!this.jsonEnabled()) process.stdout.write(script);
    return { shell: args.shell, script };
  }
}
