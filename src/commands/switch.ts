import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { askingOf } from '../cli/questions.js';
import { askFlag, interactiveFlag, viewFlags, viewOf, withPort, workdirFlag } from '../cli/run-flags.js';

/** MHA's numbers for what to do with tables before the lock. */
const flushing = ['never', 'always', 'ask'] as const;

export default class Switch extends BaseCommand {
  static override summary = 'Move the source role to another server while everything works.';
  static override description = `Lets open transactions end, stops writes, proves the new source level, opens it, and lets the others and the
old source follow. Anything that fails before the new source is open is rolled back: the old source is writable again.
Exit 0 all done; 10 done, but a server does not follow; 1 nothing changed.`;
  static override examples = [
    '<%= config.bin %> switch --conf conf/app1.cnf',
    '<%= config.bin %> switch --new-master db2 --yes',
    '<%= config.bin %> switch --new-master db2:3307 --dry-run',
  ];
  static override flags = {
    'new-master': Flags.string({
      aliases: ['new_master', 'new-master-host', 'new_master_host'],
      helpValue: 'HOST[:PORT]',
      description: 'the server that becomes the source; left out: the election proposes one',
    }),
    'new-master-port': Flags.integer({ aliases: ['new_master_port'], hidden: true }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
    'dry-run': Flags.boolean({ aliases: ['dry_run'], description: 'print the plan with its SQL; touch nothing' }),
    'end-transactions': Flags.boolean({
      aliases: ['end_transactions'],
      description: 'end transactions that are still open after switch_drain_seconds; each is listed',
    }),
    'orig-master-is-new-slave': Flags.boolean({
      aliases: ['orig_master_is_new_slave'],
      allowNo: true,
      default: true,
      description: 'the old source becomes a replica of the new one',
    }),
    'seconds-behind-master': Flags.integer({
      aliases: ['seconds_behind_master'],
      default: 30,
      min: 0,
      description: 'lag above which a replica forbids the switch',
    }),
    'skip-check-ssh': Flags.boolean({ aliases: ['skip_check_ssh'], description: 'do not ask anything over SSH' }),
    'running-updates-limit': Flags.integer({
      aliases: ['running_updates_limit'],
      min: 0,
      helpValue: 'SECONDS',
      description: 'refuse when a statement that may write has run for longer on the source',
    }),
    'running-seconds-limit': Flags.integer({
      aliases: ['running_seconds_limit'],
      min: 0,
      helpValue: 'SECONDS',
      description: 'refuse when any statement has run that long on the new source',
    }),
    'skip-lock-all-tables': Flags.boolean({
      aliases: ['skip_lock_all_tables'],
      description: 'stop writes with read_only alone, without the global read lock',
    }),
    'flush-tables': Flags.integer({
      aliases: ['flush_tables'],
      min: 0,
      max: 2,
      default: 1,
      helpValue: '0|1|2',
      description: 'flush tables on the source before the lock: 0 never, 1 always, 2 as MHA asks',
    }),
    'check-only': Flags.boolean({ aliases: ['check_only'], description: 'stop after the checks' }),
    'remove-orig-master-conf': Flags.boolean({
      aliases: ['remove_orig_master_conf', 'remove-dead-master-conf', 'remove_dead_master_conf'],
      description: 'after a switch without any trouble, take an old source that stays alone out of the file',
    }),
    ...interactiveFlag,
    ...askFlag,
    ...workdirFlag,
    ...viewFlags,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Switch);
    const { runSwitch } = await import('../cli/switch-run.js');
    const configuration = await this.configuration(flags);
    const newMaster = withPort(flags['new-master'], flags['new-master-port']);
    const updates = flags['running-updates-limit'];
    const anything = flags['running-seconds-limit'];
    const result = await runSwitch({
      configuration,
      ...(newMaster === undefined ? {} : { newMaster }),
      asking: askingOf(flags),
      dryRun: flags['dry-run'],
      checkOnly: flags['check-only'],
      limits: { ...(updates === undefined ? {} : { updates }), ...(anything === undefined ? {} : { anything }) },
      lock: !flags['skip-lock-all-tables'],
      flushTables: flushing[flags['flush-tables']] ?? 'always',
      removeFromConf: flags['remove-orig-master-conf'],
      endTransactions: flags['end-transactions'],
      oldSourceStays: flags['orig-master-is-new-slave'],
      maxLagSeconds: flags['seconds-behind-master'],
      ssh: !flags['skip-check-ssh'],
      show: viewOf(this.jsonEnabled(), flags),
      say: (text) => this.say(text),
      print: (text) => this.log(text),
    });
    process.exitCode = result.exit;
    return result.json;
  }
}
