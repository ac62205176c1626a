import { isFault } from '../../model/fault.js';
import type { Family, FamilyName } from './family.js';
import { mariadb } from './mariadb.js';
import { mysql56 } from './mysql56.js';
import { mysql97 } from './mysql97.js';

const families: Readonly<Record<FamilyName, Family>> = { mariadb, mysql97, mysql56 };

export function familyOf(name: FamilyName): Family {
  return families[name];
}

/** Why there can be no server of this family here; undefined where there can. */
export function reasonAgainst(name: FamilyName): string | undefined {
  try {
    families[name].programs();
    return undefined;
  } catch (error) {
    if (isFault(error)) return String(error.facts['message']);
    throw error;
  }
}
