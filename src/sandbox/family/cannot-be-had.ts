import { Fault } from '../../model/fault.js';
import type { Family } from './family.js';

export function cannotBeHad({ name }: Pick<Family, 'name'>, message: string): Fault {
  return new Fault('SANDBOX_FAILED', { what: `find a server of the family ${name}`, message });
}
