import { everywhere, key, serverOnly } from '../key.js';
import { flag, integer, oneOf } from '../kinds.js';

/** How the source's death is noticed. */
export const detectionKeys = {
  ping_interval: key(integer(1, 86_400), '3', {
    levels: everywhere,
    meaning:
      'Seconds between two pings of the source. A broken connection is noticed at once and does not wait for the next ping.',
  }),
  ping_type: key(oneOf('SELECT', 'CONNECT', 'INSERT'), 'SELECT', {
    levels: everywhere,
    meaning: 'SELECT asks over a connection that stays, CONNECT logs in anew each time, INSERT writes a row.',
  }),
  skip_init_ssh_check: key(flag, '0', {
    levels: serverOnly,
    meaning: '1: a host that SSH cannot reach is not reported when monitoring starts.',
  }),
};
