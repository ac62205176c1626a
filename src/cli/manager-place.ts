import { Flags } from '@oclif/core';
import type { Configuration } from '../config/load-configuration.js';

/** Flags of the commands that look for a manager: by its configuration, or as MHA by name and directory alone. */
export const placeFlags = {
  app: Flags.string({
    helpValue: 'NAME',
    description: 'name of the cluster; with --workdir no configuration is read',
  }),
  workdir: Flags.string({
    aliases: ['status-dir', 'status_dir'],
    helpValue: 'DIR',
    description: 'directory of the status file, instead of manager_workdir',
  }),
};

/** Where a manager's status file is. */
export interface ManagerPlace {
  readonly app: string;
  readonly workdir: string;
}

export async function managerPlace(
  { app, workdir }: { readonly app?: string | undefined; readonly workdir?: string | undefined },
  readConfiguration: () => Promise<Configuration>,
): Promise<ManagerPlace> {
  if (app !== undefined && workdir !== undefined) return { app, workdir };
  const { settings } = await readConfiguration();
  return { app: app ?? settings.app, workdir: workdir ?? settings.workdir };
}
