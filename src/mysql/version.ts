import type { ServerVersion } from '../model/picture.js';

/** MariaDB before 11 greets with this in front, for replicas that would take version 10 for version 1. */
const compatibilityPrefix = /^5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB)/i;

/** Aurora says `8.0.mysql_aurora.3.04.0`: its third number is Aurora's, not MySQL's. */
const numbers = /^(\d+)\.(\d+)(?:\.(\d+))?(?=$|[^\d])/;

/**
 * Reads the text of `@@version` (or of a greeting). `vendor` is what else is known of the family, since a MariaDB server may
 * be told to call itself anything. Undefined when there are no numbers to go by.
 */
export function parseVersion(text: string, vendor?: ServerVersion['vendor']): ServerVersion | undefined {
  const match = numbers.exec(text.replace(compatibilityPrefix, ''));
  if (match === null) return undefined;
  const [, major, minor, patch] = match;
  return {
    vendor: vendor ?? (/mariadb/i.test(text) ? 'mariadb' : 'mysql'),
    text,
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
  };
}

/** Whether the version is this one or a later one of the same vendor. */
export function isAtLeast(version: ServerVersion, major: number, minor: number, patch = 0): boolean {
  if (version.major !== major) return version.major > major;
  if (version.minor !== minor) return version.minor > minor;
  return version.patch >= patch;
}
