import { type ClusterSettings, type ServerId, type ServerSettings, settingsOf } from '../model/settings.js';
import type { ClusterHooks, HookRequest, HookResult } from '../ports/hooks.js';
import * as args from './arguments.js';
import { hookLimits, type HookSubject } from './hook-limits.js';
import { runHook } from './run-hook.js';

/** MHA's calls for one cluster. Which block's script is used follows MHA: stop is the old source's, start the new one's. */
export function clusterHooks(settings: ClusterSettings, log: (line: string) => void): ClusterHooks {
  const of = (id: ServerId): ServerSettings => settingsOf(settings, id);
  const call = (request: HookRequest, subject: HookSubject, signal: AbortSignal): Promise<HookResult> =>
    runHook(request, hookLimits(settings, log, subject), signal);
  return {
    ipStop: (about, signal) => {
      const source = of(about.source);
      const words = args.ipStop(source, about.sshReachable);
      const command = source.hooks.masterIpFailover;
      return call({ name: 'master_ip_failover_script', command, args: words }, { source, command: 'failover' }, signal);
    },
    shutdown: (about, signal) => {
      const source = of(about.source);
      const words = args.shutdown(source, about.sshReachable ? 'stopssh' : 'stop');
      const command = source.hooks.shutdown;
      return call({ name: 'shutdown_script', command, args: words }, { source, command: 'failover' }, signal);
    },
    ipStart: (about, signal) => {
      const [source, next] = [of(about.source), of(about.newSource)];
      const words = args.ipStart(source, next, about.sshReachable);
      const command = next.hooks.masterIpFailover;
      return call(
        { name: 'master_ip_failover_script', command, args: words },
        { source, next, command: 'failover' },
        signal,
      );
    },
    onlineChange: ({ command, source: from, newSource, oldSourceStays }, signal) => {
      const [source, next] = [of(from), of(newSource)];
      const script = (command === 'stop' ? source : next).hooks.masterIpOnlineChange;
      const words = args.onlineChange({ command, source, next, oldSourceStays });
      return call(
        { name: 'master_ip_online_change_script', command: script, args: words },
        { source, next, command: 'switch' },
        signal,
      );
    },
    report: (about, signal) => {
      const source = of(about.source);
      const next = about.newSource === undefined ? {} : { next: of(about.newSource) };
      const replicas = about.replicas.map(of);
      const { subject, body } = about;
      const words = args.report({ source, ...next, replicas, confFile: settings.confFile, subject, body });
      const isSuccessful = about.newSource !== undefined;
      return call(
        { name: 'report_script', command: source.hooks.report, args: words },
        { source, ...next, replicas, isSuccessful, command: 'failover' },
        signal,
      );
    },
  };
}
