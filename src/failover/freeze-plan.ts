import type { ServerId } from '../model/settings.js';
import { type Member, type Plan, type Step, step, stepId } from './plan.js';

/**
 * What is done before positions are final: the relay logs are kept from being purged while appliers still run, then the
 * receivers are stopped. A replica that somebody left writable is closed, or clients in search of a server would write there. The address hook takes clients off the old source meanwhile, as MHA's phase 2 does.
 */
export function planFreeze(source: ServerId, members: readonly Member[], movesAddress = false): Plan {
  const steps: Step[] = [step({ do: 'hook', hook: 'ip-stop' }, { phase: 'fence', server: source, onFailure: 'abort' })];
  // Early, while its host has a shell; where that fails, the recovery tries again and judges.
  if (movesAddress) {
    const after = [stepId('hook', source, 'ip-stop')];
    steps.push(step({ do: 'release-address' }, { phase: 'fence', server: source, after, onFailure: 'note' }));
  }
  for (const { server, channel } of members) {
    steps.push(
      step({ do: 'close-for-writes' }, { phase: 'freeze', server, onFailure: 'give-up-server' }),
      step({ do: 'keep-relay-logs' }, { phase: 'freeze', server, onFailure: 'give-up-server' }),
      step(
        { do: 'stop-receiver', channel },
        {
          phase: 'freeze',
          server,
          needs: [stepId('keep-relay-logs', server), stepId('close-for-writes', server)],
          onFailure: 'give-up-server',
        },
      ),
    );
  }
  return { name: 'freeze', steps };
}

/**
 * For a source that we could not stop ourselves: the site's script is asked before anything is recovered, and after what
 * only the source's disk holds was fetched. `save`: whether that can be done, and whether nothing may be cut without it.
 */
export function planShutdown(source: ServerId, save: 'no' | 'try' | 'must'): Plan {
  const early = step(
    { do: 'save-early-tail' },
    { phase: 'save-binlog', server: source, onFailure: save === 'must' ? 'abort' : 'note' },
  );
  const cut = step(
    { do: 'hook', hook: 'shutdown' },
    { phase: 'fence', server: source, after: save === 'no' ? [] : [early.id], onFailure: 'abort' },
  );
  return { name: 'shutdown', steps: save === 'no' ? [cut] : [early, cut] };
}
