import { defaultsOnly, everywhere, optionalKey } from '../key.js';
import { interfaceName, networkAddress } from '../kinds.js';

/** The address that clients write to, moved without a script. */
export const writerAddressKeys = {
  writer_vip: optionalKey(networkAddress, {
    levels: defaultsOnly,
    own: true,
    meaning:
      "The writer's address: mha-ts itself takes it from the old source's host and gives it to the new one's, over SSH with `ip addr`, and tells the neighbours. Beside `master_ip_failover_script` and `master_ip_online_change_script`, or instead of them. See docs/writer-address.md.",
  }),
  writer_vip_interface: optionalKey(interfaceName, {
    levels: everywhere,
    own: true,
    meaning: 'The network interface that has `writer_vip` while the server is the source. Needed with `writer_vip`.',
  }),
};
