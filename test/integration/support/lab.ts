import type { Lab } from '../../../src/sandbox/lab.js';
import { namespacesAllowed } from '../../../src/sandbox/namespace-lab.js';

/** What hosts are made of, where that is not left to what this machine allows: MHA_TS_LAB=loopback. */
export const wantedLab = parse(process.env['MHA_TS_LAB']);

function parse(value: string | undefined): Lab['kind'] | undefined {
  if (value === undefined || value === 'namespaces' || value === 'loopback') return value;
  throw new Error(`MHA_TS_LAB is "${value}"; it may be namespaces or loopback`);
}

/** Why hosts have no names and links of their own here; undefined where they have. */
export async function whyNoLinks(): Promise<string | undefined> {
  if (wantedLab === 'loopback')
    return 'hosts on loopback addresses were asked for: they have no names and no links of their own';
  if (wantedLab === 'namespaces' || (await namespacesAllowed())) return undefined;
  return 'hosts are on loopback addresses here: names and links of their own need root and namespaces';
}
