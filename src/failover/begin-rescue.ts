import type { World } from './hand.js';

/** Tells the recovery source of whom it takes the place. Begun anew, nothing is held, and nobody is served. */
export function beginRescue({
  recovery,
  source,
  folder,
}: Pick<World, 'recovery' | 'source' | 'folder'>): Promise<void> {
  return recovery.begin({
    id: source.id,
    serverId: source.serverId,
    ...(source.serverUuid === undefined ? {} : { serverUuid: source.serverUuid }),
    gtidMode: source.gtidMode,
    domainId: source.domainId,
    runDir: folder.path,
  });
}
