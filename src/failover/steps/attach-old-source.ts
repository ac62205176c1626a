import type { Statement } from '../../model/statement.js';
import type { ServerId } from '../../model/settings.js';
import type { Hand, World } from '../hand.js';
import { towards, untilFollowing } from './repoint.js';
import { run, shown } from './sql.js';

/**
 * The old source becomes a replica of the new one, from the place recorded before that was opened: everything before it is
 * the old source's own. A MariaDB server that was always a source has no gtid_slave_pos: it is given the end of its own
 * binary log. In everything else it follows as the new source itself did.
 */
export const attachOldSource: Hand<'attach-old-source'> = {
  title: ({ server, to }) => `${server}: follow ${to}`,
  deadlineMs: 60_000,
  async perform({ server, to }, world) {
    await run(world, server, attachStatements(server, to, world));
  },
  verify: ({ server, to }, world) => untilFollowing(server, '', to, world),
  show: ({ server, to }, sight) => shown(attachStatements(server, to, sight)),
};

function attachStatements(
  server: ServerId,
  to: ServerId,
  sight: Pick<World, 'facts' | 'servers' | 'settings'>,
): readonly Statement[] {
  const { facts } = sight;
  const dialect = sight.servers.dialect(server);
  const model = facts.former.get(to);
  if (model === undefined) return [];
  const at = facts.opened?.at ?? { file: '(recorded file)', position: 4 };
  const change = towards(to, at, model, sight);
  // Its own stored account, if any, is of another channel: what the new source used is said by name.
  const user = change.user ?? model.channel.sourceUser;
  const gtid = facts.sourceEnd?.gtid ?? '(its own binary log position)';
  const position = model.channel.mode === 'gtid-slave-pos' && gtid !== '' ? dialect.setGtidSlavePos(gtid) : [];
  return [...position, ...dialect.pointTo({ ...change, channel: '', user }), ...dialect.startReplication('')];
}
