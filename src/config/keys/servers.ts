import { everywhere, key, optionalKey, serverOnly } from '../key.js';
import { host, integer, text } from '../kinds.js';

/** Which servers there are. */
export const serverKeys = {
  hostname: optionalKey(host, {
    levels: serverOnly,
    defaultNote: 'required',
    meaning:
      'Name or address of the server; printed in messages, given to hook scripts, and used to name it on the command line.',
  }),
  ip: optionalKey(host, {
    levels: serverOnly,
    defaultNote: 'what `hostname` resolves to',
    meaning:
      'Address that SQL connections go to. With it the host name need not resolve, so a failover does not depend on DNS.',
  }),
  port: key(integer(1, 65535), '3306', {
    levels: everywhere,
    meaning: 'TCP port of the database server. Two servers must not share address and port.',
  }),
  node_label: optionalKey(text, {
    levels: serverOnly,
    meaning: 'Free text printed beside the server in topology trees; also names it on the command line.',
  }),
};
