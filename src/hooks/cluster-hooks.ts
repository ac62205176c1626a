import type { ClusterSettings, ServerId, ServerSettings } from '../model/settings.js';
import type { ClusterHooks, HookRequest, HookResult } from '../ports/hooks.js';
import * as args from './arguments.js';
import { runHook } from './run-hook.js';

/** MHA's calls for one cluster. Which block's script is used follows MHA: stop is the old source's, start the new one's. */
export function clusterHooks(settings: ClusterSettings, log: (line: string) => void): ClusterHooks {
  const limits = { timeoutMs: settings.hookTimeoutSeconds * 1000, log };
  const of = (id: ServerId): ServerSettings => {
    const found = settings.servers.find((server) => server.id === id);
    if (found === undefined) throw new Error(`bug: ${id} is not configured`);
    return found;
  };
  const call = (
    name: string,
    command: string | undefined,
    words: HookRequest['args'],
    signal: AbortSignal,
  ): Promise<HookResult> => runHook({ name, command, args: words }, limits, signal);
  return {
    ipStop: ({ source, sshReachable }, signal) =>
      call(
        'master_ip_failover_script',
        of(source).hooks.masterIpFailover,
        args.ipStop(of(source), sshReachable),
        signal,
      ),
    shutdown: ({ source, sshReachable }, signal) =>
      call(
        'shutdown_script',
        of(source).hooks.shutdown,
        args.shutdown(of(source), sshReachable ? 'stopssh' : 'stop'),
        signal,
      ),
    ipStart: ({ source, newSource, sshReachable }, signal) =>
      call(
        'master_ip_failover_script',
        of(newSource).hooks.masterIpFailover,
        args.ipStart(of(source), of(newSource), sshReachable),
        signal,
      ),
    onlineChange: ({ command, source, newSource, oldSourceStays }, signal) => {
      const script = of(command === 'stop' ? source : newSource).hooks.masterIpOnlineChange;
      const words = args.onlineChange({ command, source: of(source), next: of(newSource), oldSourceStays });
      return call('master_ip_online_change_script', script, words, signal);
    },
    report: ({ source, newSource, replicas, subject, body }, signal) => {
      const next = newSource === undefined ? {} : { next: of(newSource) };
      const words = args.report({
        source: of(source),
        ...next,
        replicas: replicas.map(of),
        confFile: settings.confFile,
        subject,
        body,
      });
      return call('report_script', of(source).hooks.report, words, signal);
    },
  };
}
