import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

export default class PurgeRelayLogs extends BaseCommand {
  static override hiddenAliases = ['purge_relay_logs'];
  static override summary = 'Remove applied relay logs on replicas that keep them (relay_log_purge=0).';
  static override description = `Over SQL, from here: nothing is needed on the hosts. A failover and a purge keep out of each other's way by MHA's lock.
A replica with relay_log_purge=1 is left alone. Exit 0 when every replica that was looked at is in order, else 1: a server
that gives no answer may be a replica whose disk fills up.`;
  static override examples = [
    '<%= config.bin %> purge-relay-logs --conf conf/app1.cnf',
    '<%= config.bin %> purge-relay-logs --conf conf/app1.cnf --server db2 --server db3',
    '0 5 * * * <%= config.bin %> purge-relay-logs --conf /etc/mha/app1.cnf --disable-relay-log-purge',
  ];
  static override flags = {
    server: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST[:PORT]',
      description: 'only this replica; may be given several times',
    }),
    'disable-relay-log-purge': Flags.boolean({
      aliases: ['disable_relay_log_purge'],
      description: 'turn relay_log_purge off where it is on',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PurgeRelayLogs);
    const { settings } = await this.configuration(flags);
    const { purgeAll } = await import('../cli/purge-run.js');
    const purges = await purgeAll({
      settings,
      names: flags.server ?? [],
      turnOff: flags['disable-relay-log-purge'],
      say: (text) => this.say(text),
      print: (text) => this.log(text),
    });
    process.exitCode = purges.every(({ ok }) => ok) ? 0 : 1;
    return { ok: process.exitCode === 0, replicas: purges };
  }
}
