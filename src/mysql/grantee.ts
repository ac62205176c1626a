import type { UserAtHost } from '../ports/server-facts.js';

/** `'user'@'host'`, quotes inside doubled or escaped by none of the servers. */
export function parseGrantee(grantee: string): UserAtHost {
  const match = /^'(.*)'@'(.*)'$/.exec(grantee);
  return { user: match?.[1] ?? grantee, host: match?.[2] ?? '' };
}
