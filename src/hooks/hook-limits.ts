import { hostname } from 'node:os';
import type { ClusterSettings, ServerSettings } from '../model/settings.js';
import type { HookLimits } from './run-hook.js';

/** What a call is about, as far as it is known when it is made. */
export interface HookSubject {
  readonly source: ServerSettings;
  readonly next?: ServerSettings;
  /** Set by the calls of a run. */
  readonly command?: 'failover' | 'switch';
  /** Set by the report's call. */
  readonly replicas?: readonly ServerSettings[];
  readonly isSuccessful?: boolean;
}

/** What holds for every call of a cluster's scripts. */
export function hookLimits(
  { hookTimeoutSeconds, hookSecrets, app }: ClusterSettings,
  log: (line: string) => void,
  subject: HookSubject,
): HookLimits {
  const environment = orchestratorVariables(app, subject);
  return { timeoutMs: hookTimeoutSeconds * 1000, secrets: hookSecrets, log, environment };
}

/** Orchestrator's names for what both tools know, so that its users' scripts work too. What is not known is not set. */
export function orchestratorVariables(
  app: string,
  { source, next, command, replicas, isSuccessful }: HookSubject,
): Readonly<Record<string, string>> {
  return {
    ORC_FAILED_HOST: source.hostname,
    ORC_FAILED_PORT: String(source.port),
    ORC_FAILURE_CLUSTER: source.id,
    ORC_FAILURE_CLUSTER_ALIAS: app,
    ORC_INSTANCE_TYPE: 'master',
    ORC_IS_MASTER: 'true',
    ORC_ORCHESTRATOR_HOST: hostname(),
    ...(command === 'failover' ? { ORC_FAILURE_TYPE: 'DeadMaster', ORC_COMMAND: 'recover' } : {}),
    ...(command === 'switch' ? { ORC_COMMAND: 'graceful-master-takeover' } : {}),
    ...(next === undefined ? {} : { ORC_SUCCESSOR_HOST: next.hostname, ORC_SUCCESSOR_PORT: String(next.port) }),
    ...(replicas === undefined
      ? {}
      : { ORC_REPLICA_HOSTS: replicas.map(({ id }) => id).join(','), ORC_COUNT_REPLICAS: String(replicas.length) }),
    ...(isSuccessful === undefined ? {} : { ORC_IS_SUCCESSFUL: String(isSuccessful) }),
  };
}
