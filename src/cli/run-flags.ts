import { Flags } from '@oclif/core';
import type { LastFailoverRule } from './last-failover.js';
import type { RenderOptions } from './render-run.js';

const lastFailoverMinutes = 480;

/** Flags of every command that acts. */
export const viewFlags = {
  quiet: Flags.boolean({ char: 'q', description: 'only the result' }),
  verbose: Flags.boolean({ description: 'every step' }),
};

/** Flags of both ways to fail over. */
export const failoverFlags = {
  'new-master': Flags.string({
    aliases: ['new-master-host', 'new_master_host', 'new_master'],
    helpValue: 'HOST[:PORT]',
    description: 'the server that becomes the source; it must be fit, but may be newer than its replicas',
  }),
  'ignore-last-failover': Flags.boolean({
    aliases: ['ignore_last_failover'],
    description: 'fail over although the last one failed or was recent',
  }),
  'last-failover-minute': Flags.integer({
    aliases: ['last_failover_minute'],
    default: lastFailoverMinutes,
    min: 0,
    description: 'refuse another failover within this many minutes of the last one',
  }),
  'skip-save-master-binlog': Flags.boolean({
    aliases: ['skip_save_master_binlog'],
    description: 'do not rescue what only the dead machine holds',
  }),
  ...viewFlags,
};

interface FailoverFlagValues {
  readonly 'new-master'?: string | undefined;
  readonly 'ignore-last-failover': boolean;
  readonly 'last-failover-minute': number;
  readonly 'skip-save-master-binlog': boolean;
}

export interface FailoverChoices {
  readonly newMaster?: string;
  readonly lastFailover: LastFailoverRule;
  readonly rescue: boolean;
}

export function failoverChoices(flags: FailoverFlagValues): FailoverChoices {
  const newMaster = flags['new-master'];
  return {
    ...(newMaster === undefined ? {} : { newMaster }),
    lastFailover: { minutes: flags['last-failover-minute'], ignore: flags['ignore-last-failover'] },
    rescue: !flags['skip-save-master-binlog'],
  };
}

export function viewOf(
  json: boolean,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): RenderOptions {
  return { json, quiet, verbose };
}
