import { describeError } from '../model/fault.js';
import { type Account, serverId, type SshSettings } from '../model/settings.js';
import { pingOpener } from '../mysql/ping.js';
import type { Door } from '../ports/shell.js';
import { openShells } from '../ssh/doors.js';

/** The source as a monitoring host is to look at it. */
export interface LookedAt {
  readonly host: string;
  readonly address?: string;
  readonly port: number;
  /** An account for a write as a trial; left out: only a connection is tried. */
  readonly write?: Account;
}

export interface Look {
  readonly from: string;
  /** MHA's exit code for this host: 0 it does not reach the source, 2 it cannot be asked, 3 it reaches it. */
  readonly code: 0 | 2 | 3;
  readonly text: string;
}

export interface LookFrom {
  readonly hosts: readonly string[];
  readonly ssh: Pick<SshSettings, 'user' | 'port' | 'options'>;
  readonly timeoutMs: number;
}

/** Every host looks at once. */
export async function lookFromAll(source: LookedAt, from: LookFrom): Promise<readonly Look[]> {
  const { hosts, ssh, timeoutMs } = from;
  const targets = hosts.map((host) => {
    const settings = { ...ssh, host, address: host, connectTimeoutMs: timeoutMs };
    return { host, id: serverId(host, ssh.port), ssh: settings };
  });
  const shells = openShells(targets, { warmth: { count: 0, afterMs: 0 } });
  try {
    return await Promise.all(targets.map(({ host, id }) => look(host, shells.door(id), source, timeoutMs)));
  } finally {
    shells.close();
  }
}

async function look(from: string, door: Door, source: LookedAt, timeoutMs: number): Promise<Look> {
  try {
    await door.open(AbortSignal.timeout(timeoutMs));
  } catch (error) {
    return { from, code: 2, text: `Monitoring server ${from} is NOT reachable! (${describeError(error)})` };
  }
  // MHA asks for the name as that host knows it; an address that is known is tried as well, and one of them is enough.
  const names = [...new Set([source.host, source.address ?? source.host])];
  const seen = await Promise.all(
    names.map(async (name) => ({ name, at: await door.probePort(name, source.port, timeoutMs) })),
  );
  const open = seen.find(({ at }) => at === 'open');
  if (open !== undefined && source.write !== undefined) {
    const refusal = await writeThrough(door, open.name, source.port, source.write, timeoutMs);
    if (refusal !== undefined) return { from, code: 0, text: `Master takes no writes from ${from}. OK. (${refusal})` };
  }
  if (open !== undefined) return { from, code: 3, text: `Master is reachable from ${from}!` };
  if (seen.some(({ at }) => at === 'cannot-tell'))
    return { from, code: 2, text: `Monitoring server ${from} opens no connection for us: it cannot look.` };
  return { from, code: 0, text: `Monitoring server ${from} is reachable, Master is not reachable from ${from}. OK.` };
}

/** Why the write as a trial failed; undefined when it went through, and when nobody could tell. */
async function writeThrough(
  door: Door,
  address: string,
  port: number,
  account: Account,
  timeoutMs: number,
): Promise<string | undefined> {
  const target = { server: address, address, port, account, open: () => door.connectFrom(address, port, timeoutMs) };
  const opened = await pingOpener(target, 'INSERT', timeoutMs)(timeoutMs);
  // A server that turns this account away lives.
  if (opened.kind === 'refused-us') return undefined;
  if (opened.kind !== 'open') return opened.message;
  try {
    const answer = await opened.ping.check(timeoutMs);
    return answer.kind === 'ok' || answer.kind === 'refused-us' ? undefined : answer.message;
  } finally {
    opened.ping.close();
  }
}
