import type { ClusterSettings } from '../model/settings.js';
import type { Problem } from './problem.js';

/** What keeps `writer_vip` from being moved at all: a server without an interface for it, or one whose own address it is. */
export function misfitsOfWriterAddress(
  { writerVip, servers }: ClusterSettings,
  place: (block: string) => { readonly file: string; readonly line: number },
): readonly Problem[] {
  if (writerVip === undefined) return [];
  return servers.flatMap(({ block, address, ssh, writerVipInterface }) => {
    const problems: Problem[] = [];
    if (writerVipInterface === undefined) {
      problems.push({
        ...place(block),
        reason: `[${block}] has no writer_vip_interface, which writer_vip needs`,
        fix: 'Add the line: writer_vip_interface = eth0 (or whatever that host calls it), for all in [server default].',
      });
    }
    if ([address, ssh.address].includes(writerVip.address)) {
      problems.push({
        ...place(block),
        reason: `[${block}] is reached at ${writerVip.address}, which is writer_vip`,
        fix: "Give the host's own address with ip = ADDRESS: the writer's address moves away from it.",
      });
    }
    return problems;
  });
}
