import type { PositionMode } from '../model/picture.js';
import type { Former } from './hand.js';

/**
 * How a replica asks the new source: as it asked the old one, unless `use_gtid_auto_pos` is written in the file. By GTID
 * only where both have GTIDs to go by; a MariaDB replica has its own position even when it never was asked for it.
 */
export function modeToFollow(
  { channel, state }: Pick<Former, 'channel' | 'state'>,
  source: Pick<Former, 'state'> | undefined,
  byGtid: boolean | undefined,
): PositionMode {
  if (byGtid === undefined) return channel.mode;
  if (!byGtid) return 'coordinates';
  if (channel.mode !== 'coordinates' || source === undefined) return channel.mode;
  if (state.version.vendor !== source.state.version.vendor) return 'coordinates';
  if (state.version.vendor === 'mariadb') return state.gtid.slavePos === '' ? 'coordinates' : 'gtid-slave-pos';
  return state.gtid.mode === 'ON' && source.state.gtid.mode === 'ON' ? 'auto-position' : 'coordinates';
}
