import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { Configuration } from '../config/load-configuration.js';
import { logFlag } from './run-flags.js';

/** Flags of the commands that look for a manager: by its configuration, or as MHA by name and directory alone. */
export const placeFlags = {
  app: Flags.string({
    helpValue: 'NAME',
    description: 'name of the cluster; with --workdir no configuration is read',
  }),
  workdir: Flags.string({
    aliases: ['status-dir', 'status_dir', 'manager-workdir', 'manager_workdir'],
    helpValue: 'DIR',
    description: 'directory of the status file, instead of manager_workdir',
  }),
  ...logFlag,
  all: Flags.boolean({ description: 'every cluster that has a folder /service/masterha_NAME' }),
  basedir: Flags.string({ helpValue: 'DIR', description: 'with --all: status files are in DIR/NAME' }),
  baselog: Flags.string({ helpValue: 'DIR', description: 'with --all and --basedir: logs are DIR/NAME/NAME.log' }),
};

export interface PlaceFlagValues {
  readonly conf?: string | undefined;
  readonly 'global-conf'?: string | undefined;
  readonly app?: string | undefined;
  readonly workdir?: string | undefined;
  readonly 'log-output'?: string | undefined;
  readonly all: boolean;
  readonly basedir?: string | undefined;
  readonly baselog?: string | undefined;
}

/** Where a manager's status file is. */
export interface ManagerPlace {
  readonly app: string;
  readonly workdir: string;
  readonly log?: string;
}

/** Where MHA looks for a cluster that is known by its name alone. */
const confFolder = '/usr/local/masterha/conf';

export type ReadConfiguration = (flags: PlaceFlagValues) => Promise<Configuration>;

export async function managerPlace(flags: PlaceFlagValues, read: ReadConfiguration): Promise<ManagerPlace> {
  const { app, workdir, conf, 'log-output': log } = flags;
  const named = log === undefined ? {} : { log };
  if (app !== undefined && workdir !== undefined) return { app, workdir, ...named };
  const { settings } = await read(app === undefined || conf !== undefined ? flags : { ...flags, conf: confOf(app) });
  const { logFile } = settings;
  return {
    app: app ?? settings.app,
    workdir: workdir ?? settings.workdir,
    ...(logFile === undefined ? named : { log: logFile }),
  };
}

function confOf(app: string): string {
  return join(confFolder, `${app}.cnf`);
}

/** The flags for each cluster of daemontools, MHA's `--all`, in the order of their names. */
export async function everyPlace(flags: PlaceFlagValues, services = '/service'): Promise<readonly PlaceFlagValues[]> {
  const { basedir, baselog } = flags;
  const names = (await readdir(services).catch(() => [])).flatMap((name) => /^masterha_(.+)$/.exec(name)?.[1] ?? []);
  return names.sort().map((app) => {
    if (basedir === undefined) return { ...flags, conf: confOf(app), app: undefined };
    const log = baselog === undefined ? {} : { 'log-output': join(baselog, app, `${app}.log`) };
    return { ...flags, app, workdir: join(basedir, app), ...log };
  });
}
