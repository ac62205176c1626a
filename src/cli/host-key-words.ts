import type { HostKeyNotice } from '../ssh/host-key.js';

/** What is said aloud about a host key that was met for the first time or let pass by the site's own options. */
export function hostKeyWords({ host, kind, keyType, fingerprint, file, reason }: HostKeyNotice): string {
  const key = `${keyType} ${fingerprint}`;
  switch (kind) {
    case 'recorded':
      return `${host}: host key ${key} seen for the first time, recorded in ${file}`;
    case 'not-recorded':
      return `${host}: host key ${key} seen for the first time, not recorded${reason === undefined ? '' : `: ${reason}`}`;
    case 'changed-accepted':
      return `${host}: host key ${key} is not the one in ${file}; accepted because ssh_options say StrictHostKeyChecking=no`;
  }
}
