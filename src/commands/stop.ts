import { Flags } from '@oclif/core';
import { BaseCommand, inPassing } from '../cli/base-command.js';
import { systemClock } from '../cli/clock.js';
import { everyPlace, managerPlace, placeFlags, type PlaceFlagValues } from '../cli/manager-place.js';
import { stopManager, type StopOutcome } from '../workdir/stop-manager.js';

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
    const wish = { abort: flags.abort, timeoutMs: flags['abort-timeout'] * 1000 };
    const outcomes = [];
    for (const one of flags.all ? await everyPlace(flags) : [flags]) outcomes.push(await this.#stop(one, wish));
    process.exitCode = outcomes.some(({ stopped }) => !stopped) ? 1 : 0;
    return flags.all ? outcomes : outcomes[0];
  }

  async #stop(
    flags: PlaceFlagValues,
    wish: { readonly abort: boolean; readonly timeoutMs: number },
  ): Promise<{ app: string; stopped: boolean; text: string }> {
    const place = await managerPlace(flags, (asked) => this.configuration(asked, inPassing));
    const { exit, text }: StopOutcome = await stopManager({ ...place, ...wish }, systemClock);
    this.log(text);
    return { app: place.app, stopped: exit === 0, text };
  }
}
