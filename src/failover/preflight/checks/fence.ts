import type { Finding } from '../../../model/finding.js';
import type { Check, FenceEvidence } from '../evidence.js';

/** A source that hangs can be stopped for good: by the SSH user, or by the site's script. */
export const fence: Check = ({ fences, settings }) =>
  fences.flatMap((one): readonly Finding[] => {
    const server = settings.servers.find(({ id }) => id === one.server);
    if (server === undefined || server.noMaster || server.hooks.shutdown !== undefined) return [];
    return one.sight === 'may-end' ? [] : [cannotStop(one, server.ssh.host)];
  });

function cannotStop({ server, sight, lines }: FenceEvidence, host: string): Finding {
  const what = lines.join('; ');
  const unseen = sight === 'not-seen';
  return {
    id: 'fence',
    severity: 'warn',
    server,
    seen: unseen
      ? `On ${host} the SSH user cannot see which process this server is: ${what}`
      : `On ${host} the SSH user may not end this server: ${what}`,
    matters: unseen
      ? 'If it hangs as the source nobody can stop it, and nothing is promoted; if it dies its host may be unable to prove it.'
      : 'If it hangs as the source nobody can stop it, and nothing is promoted.',
    fix: 'Log in as root or as the user that the server runs as (ssh_user), with /proc in sight (no hidepid); or set shutdown_script.',
  };
}
