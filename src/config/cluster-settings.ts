import path from 'node:path';
import type { ClusterSettings, ServerSettings } from '../model/settings.js';
import type { Read } from './inherit.js';
import { present } from './server-settings.js';

const megabyte = 1024 * 1024;

export interface ClusterParts {
  readonly confFile: string;
  readonly servers: readonly ServerSettings[];
  readonly binlogServers: readonly ServerSettings[];
  /** Reads what belongs to the application as a whole. */
  readonly readManager: Read;
  /** Reads the first server's values: MHA takes log_level and check_repl_filter from there. */
  readonly readFirst: Read;
}

export function clusterSettings(parts: ClusterParts): ClusterSettings {
  const { confFile, servers, binlogServers, readManager, readFirst } = parts;
  const logFile = readManager('manager_log');
  return {
    app: path.parse(confFile).name,
    confFile,
    servers,
    binlogServers,
    workdir: readManager('manager_workdir'),
    ...present('logFile', logFile === '' ? undefined : logFile),
    logLevel: readFirst('log_level'),
    checkReplFilter: readFirst('check_repl_filter'),
    requireCompleteRescue: readManager('require_complete_rescue'),
    switchDrainSeconds: readManager('switch_drain_seconds'),
    applierStallSeconds: readManager('applier_stall_seconds'),
    laggardFetchLimitBytes: readManager('laggard_fetch_limit_mb') * megabyte,
    minFreeDiskBytes: readManager('min_free_disk_mb') * megabyte,
    hookTimeoutSeconds: readManager('hook_timeout_seconds'),
    hookSecrets: readManager('hook_secrets'),
    ...present('writerVip', readManager('writer_vip')),
  };
}
