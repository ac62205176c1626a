import type { ServerId } from '../model/settings.js';
import { type Step, step, stepId } from './plan.js';

/** The new source's half of moving the writer's address: taken before the opening, tried behind it. */
export function takingAddress(server: ServerId, needs: readonly string[]): readonly Step[] {
  const take = step({ do: 'take-address' }, { phase: 'promote', server, needs, onFailure: 'abort' });
  const announce = step({ do: 'announce-address' }, { phase: 'promote', server, needs: [take.id], onFailure: 'note' });
  const verify = step(
    { do: 'verify-address' },
    {
      phase: 'verify',
      server,
      needs: [stepId('open-for-writes', server)],
      after: [announce.id],
      onFailure: 'note',
    },
  );
  return [take, announce, verify];
}

/**
 * A failover's both halves: away from the old host once the site has had its say on that host's power, and to the new one
 * when nothing else is left to do.
 */
export function movingAddress(source: ServerId, to: ServerId): readonly Step[] {
  const release = step(
    { do: 'release-address' },
    { phase: 'fence', server: source, needs: [stepId('hook', source, 'shutdown')], onFailure: 'abort' },
  );
  return [release, ...takingAddress(to, [release.id, stepId('look-again', source)])];
}
