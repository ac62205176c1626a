import { isIPv6 } from 'node:net';
import { Flags } from '@oclif/core';
import type { FailoverWishes } from '../failover/wishes.js';
import type { LastFailoverRule } from './last-failover.js';
import type { RenderOptions } from './render-run.js';

const lastFailoverMinutes = 480;

/** Flags of every command that acts. */
export const viewFlags = {
  quiet: Flags.boolean({ char: 'q', description: 'only the result' }),
  verbose: Flags.boolean({ description: 'every step' }),
};

/** Where the manager keeps its things, instead of what the file says. */
export const workdirFlag = {
  workdir: Flags.string({
    aliases: ['manager-workdir', 'manager_workdir'],
    helpValue: 'DIR',
    description: 'directory of status, flag files and runs, instead of manager_workdir',
  }),
};

export const logFlag = {
  'log-output': Flags.string({
    aliases: ['log_output', 'manager-log', 'manager_log'],
    helpValue: 'FILE',
    description: 'log file, instead of manager_log',
  }),
};

const seconds = { min: 0, helpValue: 'SECONDS' } as const;
const zeroOrOne = { min: 0, max: 1, helpValue: '0|1' } as const;

/** MHA's way to say whether anything is asked. */
export const interactiveFlag = {
  interactive: Flags.integer({ ...zeroOrOne, description: '0: do not ask, as --yes' }),
};

/** What masterha_master_switch asks, for those who are used to it. */
export const askFlag = {
  'ask-as-mha': Flags.boolean({
    aliases: ['ask_as_mha'],
    description: 'ask every question that masterha_master_switch asks; answers may come from a pipe',
  }),
};

/** Flags of what watches a source. */
export const monitorFlags = {
  ...workdirFlag,
  ...logFlag,
  'skip-check-ssh': Flags.boolean({
    aliases: ['skip_check_ssh', 'skip-ssh-check', 'skip_ssh_check'],
    description: 'do not check SSH at the start',
  }),
  'seconds-behind-master': Flags.integer({
    aliases: ['seconds_behind_master'],
    ...seconds,
    default: 30,
    description: 'lag above which a replica is warned of at the start',
  }),
  'ignore-fail-on-start': Flags.boolean({
    aliases: ['ignore_fail_on_start'],
    description: 'start although a server with ignore_fail=1 is dead or its replication is broken',
  }),
  'wait-on-monitor-error': Flags.integer({
    aliases: ['wait_on_monitor_error'],
    ...seconds,
    default: 0,
    description:
      'how long an error before a death is shown as status 31 before the end, and 30 before a source that is back is watched again',
  }),
  ...interactiveFlag,
};

/** Flags of both ways to fail over. */
export const failoverFlags = {
  'new-master': Flags.string({
    aliases: ['new-master-host', 'new_master_host', 'new_master'],
    helpValue: 'HOST[:PORT]',
    description: 'the server that becomes the source; it must be fit, but may be newer than its replicas',
  }),
  'new-master-port': Flags.integer({ aliases: ['new_master_port'], hidden: true }),
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
  'wait-on-failover-error': Flags.integer({
    aliases: ['wait_on_failover_error'],
    ...seconds,
    default: 0,
    description: 'how long a failover that did not end well is shown as status 51 before the end',
  }),
  'remove-dead-master-conf': Flags.boolean({
    aliases: ['remove_dead_master_conf', 'remove-orig-master-conf', 'remove_orig_master_conf'],
    description: 'after a failover without any trouble, take the dead server out of the configuration file',
  }),
  'skip-save-master-binlog': Flags.boolean({
    aliases: ['skip_save_master_binlog'],
    description: 'do not rescue what only the dead machine holds',
  }),
  'skip-change-master': Flags.boolean({
    aliases: ['skip_change_master'],
    description: 'bring the replicas level, but do not point them to the new source',
  }),
  'skip-disable-read-only': Flags.boolean({
    aliases: ['skip_disable_read_only'],
    description: 'leave the new source read-only',
  }),
  'wait-until-gtid-in-sync': Flags.integer({
    aliases: ['wait_until_gtid_in_sync'],
    ...zeroOrOne,
    default: 1,
    description: 'count a replica that levels by GTID as recovered only when it has what the new source has',
  }),
  'ignore-binlog-server-error': Flags.boolean({
    aliases: ['ignore_binlog_server_error'],
    description: 'go on although no [binlogN] host can be reached',
  }),
  ...viewFlags,
};

interface MonitorFlagValues {
  readonly 'skip-check-ssh': boolean;
  readonly 'seconds-behind-master': number;
  readonly 'ignore-fail-on-start': boolean;
  readonly 'wait-on-monitor-error': number;
  readonly interactive?: number | undefined;
}

export interface MonitorChoices {
  readonly ssh: boolean;
  readonly maxLagSeconds: number;
  /** MHA: a dead server stops the start in spite of ignore_fail=1. */
  readonly ignoreFailOnStart: boolean;
  readonly waitOnMonitorErrorMs: number;
  readonly interactive: boolean;
}

export function monitorChoices(flags: MonitorFlagValues): MonitorChoices {
  return {
    ssh: !flags['skip-check-ssh'],
    maxLagSeconds: flags['seconds-behind-master'],
    ignoreFailOnStart: flags['ignore-fail-on-start'],
    waitOnMonitorErrorMs: flags['wait-on-monitor-error'] * 1000,
    interactive: flags.interactive === 1,
  };
}

interface FailoverFlagValues {
  readonly 'new-master'?: string | undefined;
  readonly 'new-master-port'?: number | undefined;
  readonly 'ignore-last-failover': boolean;
  readonly 'last-failover-minute': number;
  readonly 'wait-on-failover-error': number;
  readonly 'remove-dead-master-conf': boolean;
  readonly 'skip-save-master-binlog': boolean;
  readonly 'skip-change-master': boolean;
  readonly 'skip-disable-read-only': boolean;
  readonly 'wait-until-gtid-in-sync': number;
  readonly 'ignore-binlog-server-error': boolean;
}

export interface FailoverChoices {
  readonly newMaster?: string;
  readonly lastFailover: LastFailoverRule;
  readonly wishes: FailoverWishes;
  readonly waitOnFailoverErrorMs: number;
  readonly removeFromConf: boolean;
  readonly ignoreBinlogServerError: boolean;
}

export function failoverChoices(flags: FailoverFlagValues): FailoverChoices {
  const newMaster = withPort(flags['new-master'], flags['new-master-port']);
  return {
    ...(newMaster === undefined ? {} : { newMaster }),
    lastFailover: { minutes: flags['last-failover-minute'], ignore: flags['ignore-last-failover'] },
    wishes: {
      rescue: !flags['skip-save-master-binlog'],
      repoint: !flags['skip-change-master'],
      open: !flags['skip-disable-read-only'],
      waitForGtid: flags['wait-until-gtid-in-sync'] === 1,
    },
    waitOnFailoverErrorMs: flags['wait-on-failover-error'] * 1000,
    removeFromConf: flags['remove-dead-master-conf'],
    ignoreBinlogServerError: flags['ignore-binlog-server-error'],
  };
}

/** MHA names host and port apart. An IPv6 address has its port behind brackets. */
export function withPort(host: string | undefined, port: number | undefined): string | undefined {
  if (host === undefined || port === undefined) return host;
  if (isIPv6(host)) return `[${host}]:${String(port)}`;
  return host.includes(':') ? host : `${host}:${String(port)}`;
}

export function viewOf(
  json: boolean,
  { quiet, verbose }: { readonly quiet: boolean; readonly verbose: boolean },
): RenderOptions {
  return { json, quiet, verbose };
}
