import { Flags } from '@oclif/core';
import { BaseCommand, inPassing } from '../cli/base-command.js';
import { everyPlace, managerPlace, placeFlags, type PlaceFlagValues } from '../cli/manager-place.js';
import { formatManagerStatus, type ManagerStatus, readStatus } from '../workdir/read-status.js';

const pingLimitSeconds = 10;

export default class Status extends BaseCommand {
  static override hiddenAliases = ['check-status', 'check_status'];
  static override summary = 'Tell whether a manager watches this cluster, by exit code too.';
  static override description = `Touches nothing and asks no server. Exit codes are MHA's:
0 pings succeed; 2 not running; 3 only its child processes run; 10 starting; 20 a ping failed; 21 the source is
unreachable; 30 monitoring restarts; 31 error in configuration or checks; 32 not refreshed within --ping-limit; 50 a
failover runs; 51 a failover failed; 1 wrong usage or unreadable status.`;
  static override examples = [
    '<%= config.bin %> status --conf conf/app1.cnf',
    '<%= config.bin %> status --conf conf/app1.cnf --json',
    '<%= config.bin %> status --app app1 --workdir /var/log/mha/app1',
  ];
  static override flags = {
    ...placeFlags,
    'ping-limit': Flags.integer({
      aliases: ['ping_limit'],
      default: pingLimitSeconds,
      min: 1,
      helpValue: 'SECONDS',
      description: 'age from which a good status counts as old',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Status);
    const pingLimitMs = flags['ping-limit'] * 1000;
    if (!flags.all) {
      const status = await this.#tell(flags, pingLimitMs);
      process.exitCode = status.code;
      return status;
    }
    const all: ManagerStatus[] = [];
    for (const one of await everyPlace(flags)) all.push(await this.#tell(one, pingLimitMs));
    process.exitCode = all.some(({ code }) => code !== 0) ? 1 : 0;
    return all;
  }

  async #tell(flags: PlaceFlagValues, pingLimitMs: number): Promise<ManagerStatus> {
    const { log, ...place } = await managerPlace(flags, (asked) => this.configuration(asked, inPassing));
    const status = await readStatus({ ...place, pingLimitMs, wall: () => Date.now() });
    this.log(formatManagerStatus(status, log));
    return status;
  }

  /** 2 means "not running" here, so wrong usage is 1. */
  override async catch(error: Error & { exitCode?: number; oclif?: { exit?: number } }): Promise<unknown> {
    error.oclif = { ...error.oclif, exit: 1 };
    return super.catch(error);
  }
}
