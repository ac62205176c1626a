import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { blockNameOf, withBlock, withoutBlock } from '../config/edit-conf.js';
import { findConf } from '../config/find-conf.js';
import { readText } from '../config/read-text.js';
import { saveConf } from '../config/save-conf.js';
import { Fault } from '../model/fault.js';

export default class ConfHost extends BaseCommand {
  static override hiddenAliases = ['conf_host'];
  static override summary = 'Add a server to the configuration file, or take one out; comments and order stay.';
  static override description =
    'The file is replaced whole, with the same owner and mode. To remove a server that is not there is no error.';
  static override examples = [
    '<%= config.bin %> conf-host --command add --conf conf/app1.cnf --hostname db5 --params "candidate_master=1;port=3307"',
    '<%= config.bin %> conf-host --command remove --conf conf/app1.cnf --hostname db5',
  ];
  static override flags = {
    command: Flags.string({
      required: true,
      options: ['add', 'remove', 'delete'],
      description: 'what to do; delete is another word for remove',
    }),
    block: Flags.string({
      helpValue: 'NAME',
      description: 'the block; "server" is put in front where it is missing [default: server_HOST]',
    }),
    hostname: Flags.string({ helpValue: 'HOST', description: 'the server; required to add one' }),
    params: Flags.string({ helpValue: 'KEY=VALUE;...', description: 'more lines of the new block' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfHost);
    const { command, hostname, params, conf } = flags;
    const search = { ...(conf === undefined ? {} : { conf }), env: process.env, cwd: process.cwd() };
    const { file, because } = await findConf(search);
    const read = await readText(file);
    if (read === undefined) throw new Fault('CONF_NOT_FOUND', { searched: `${file} (${because})` });
    const block = blockNameOf(flags.block, hostname);
    if (block === undefined) this.error('Name the block with --block, or the server with --hostname.', { exit: 2 });
    if (command === 'add') {
      if (hostname === undefined) this.error('Name the new server with --hostname.', { exit: 2 });
      const added = { name: block, hostname, ...(params === undefined ? {} : { params }) };
      await saveConf(read, withBlock(file, read.text, added));
      this.log(`Added [${block}] to ${file}.`);
      return { file, block, added: true };
    }
    const changed = withoutBlock(read.text, block);
    if (changed === undefined) this.log(`There is no [${block}] in ${file}; nothing was changed.`);
    else {
      await saveConf(read, changed);
      this.log(`Removed [${block}] from ${file}.`);
    }
    return { file, block, removed: changed !== undefined };
  }
}
