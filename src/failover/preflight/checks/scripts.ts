import type { Finding } from '../../../model/finding.js';
import type { Check, ScriptEvidence } from '../evidence.js';

/** MHA: a script that a failover will call, and that does not answer 0 now, keeps the manager from starting. */
export const scriptsReady: Check = ({ scripts, verdict }) =>
  scripts.filter(isNotReady).map((script): Finding => ({
    id: 'script-not-ready',
    severity: 'refuse',
    ...(verdict.source === undefined ? {} : { server: verdict.source }),
    seen: `${script.name} --command=status failed: ${wordsOf(script)}`,
    matters: 'A failover will call it, and ends where it fails.',
    fix: 'Run it by hand as the log shows the call, and repair it; or remove it from the configuration.',
  }));

function isNotReady({ outcome }: ScriptEvidence): boolean {
  return outcome === 'failed' || outcome === 'ten';
}

function wordsOf({ code, output }: ScriptEvidence): string {
  const last = output.trim().split('\n').at(-1) ?? '';
  return [code === undefined ? '' : `exit code ${String(code)}`, last].filter((text) => text !== '').join(': ');
}

/** Asked and found that there is neither: clients and a hanging source are then left to others. */
export const scriptsConfigured: Check = ({ scripts, settings }) =>
  settings.writerVip === undefined && scripts.length > 0 && scripts.every(({ outcome }) => outcome === 'not-configured')
    ? [
        {
          id: 'no-scripts',
          severity: 'note',
          seen: 'Neither master_ip_failover_script nor shutdown_script is configured',
          matters:
            'Clients must find the new source by themselves, and a source that hangs on a host without SSH is not failed over.',
          fix: 'Nothing to do, if clients look for the writable server; else configure the scripts.',
        },
      ]
    : [];
