import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { systemClock } from '../cli/clock.js';
import { managerPlace, placeFlags } from '../cli/manager-place.js';
import { stopManager } from '../workdir/stop-manager.js';

const abortTimeoutSeconds = 5;

export default class Stop extends BaseCommand {
  static override summary = 'End the manager of this cluster.';
  static override description = `Ends only a process that the status file names and that is proven to be a manager. A manager in the middle of a
failover is left alone unless --abort is given. Exit 0 when no manager runs afterwards, else 1.`;
  static override examples = [
    '<%= config.bin %> stop --conf conf/app1.cnf',
    '<%= config.bin %> stop --conf conf/app1.cnf --abort --abort-timeout 10',
  ];
  static override flags = {
    ...placeFlags,
    abort: Flags.boolean({ description: 'end it even during a failover, and kill it when it does not end in time' }),
    'abort-timeout': Flags.integer({
      aliases: ['abort_timeout'],
      default: abortTimeoutSeconds,
      min: 0,
      helpValue: 'SECONDS',
      description: 'how long to wait for its end',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Stop);
    const place = await managerPlace(flags, () => this.configuration(flags));
    const timeoutMs = flags['abort-timeout'] * 1000;
    const outcome = await stopManager({ ...place, abort: flags.abort, timeoutMs }, systemClock);
    this.log(outcome.text);
    process.exitCode = outcome.exit;
    return { app: place.app, stopped: outcome.exit === 0, text: outcome.text };
  }
}
