import type { Finding } from '../../../model/finding.js';
import type { Check, HostKeyEvidence } from '../evidence.js';

/** What the site's own ssh_options weaken, or say without effect. */
export const sshOptions: Check = ({ sshOptions: all }) =>
  all.flatMap(({ server, hostKeyPolicy, notUnderstood }) => {
    const findings: Finding[] = [];
    if (hostKeyPolicy === 'accept-any') {
      findings.push({
        id: 'ssh-host-key',
        severity: 'warn',
        server,
        seen: `ssh_options of ${server} accept any host key`,
        matters: 'Another machine that answers at that address would be believed, and given commands.',
        fix: 'Remove StrictHostKeyChecking from ssh_options: an unknown key is then recorded, a changed one refused.',
      });
    }
    if (notUnderstood.length > 0) {
      findings.push({
        id: 'ssh-options',
        severity: 'warn',
        server,
        seen: `ssh_options of ${server} have no effect here: ${notUnderstood.join(' ')}`,
        matters: 'A connection that needs them may fail, or be made otherwise than meant.',
        fix: 'Remove them; docs/configuration.md lists what is understood.',
      });
    }
    return findings;
  });

export const hostKeys: Check = ({ hostKeys: all }) => all.map(describeKey);

function describeKey({ host, kind, fingerprint, file }: HostKeyEvidence): Finding {
  const common = { id: 'ssh-host-key' };
  switch (kind) {
    case 'recorded':
      return {
        ...common,
        severity: 'note',
        seen: `The host key of ${host} was seen for the first time and recorded in ${file}: ${fingerprint}`,
        matters: 'From now on another key of that host is refused.',
        fix: `Compare it with what "ssh-keygen -lf" prints on ${host}.`,
      };
    case 'not-recorded':
      return {
        ...common,
        severity: 'warn',
        seen: `The host key of ${host} is unknown and could not be recorded in ${file}: ${fingerprint}`,
        matters: 'A change of the key would go unnoticed.',
        fix: `Make ${file} writable for the user that runs mha-ts.`,
      };
    case 'changed-accepted':
      return {
        ...common,
        severity: 'warn',
        seen: `The host key of ${host} is not the one in ${file} and was accepted, as ssh_options ask: ${fingerprint}`,
        matters: 'Another machine may be answering in its place.',
        fix: 'Remove StrictHostKeyChecking from ssh_options and correct the recorded key.',
      };
  }
}
