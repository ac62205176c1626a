import { isFault } from '../model/fault.js';
import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import { tryConnect } from './connect.js';
import { Connection } from './connection.js';
import type { Target } from './target.js';

export type AccountProbe =
  /** It can log in and may replicate. */
  | { readonly kind: 'ok' }
  /** The server turned it away, or it lacks REPLICATION SLAVE. */
  | { readonly kind: 'denied'; readonly message: string }
  | { readonly kind: 'cannot-tell'; readonly message: string };

/** Unknown database, access denied, host not allowed, old or unknown authentication, plain connection forbidden, locked. */
const denials: ReadonlySet<number> = new Set([1044, 1045, 1130, 1251, 1275, 1524, 1698, 3118, 3159, 4151]);

const mayReplicate = statement(
  "SELECT COUNT(*) AS granted FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN ('REPLICATION SLAVE', 'REPLICATION REPLICA')",
);

/** Logs in as a replica would: the target's `open` gives streams that begin on the replica's host. Never rejects. */
export async function probeAccount(target: Target, options: AskOptions): Promise<AccountProbe> {
  const since = performance.now();
  const outcome = await tryConnect(target, options);
  if (!(outcome instanceof Connection)) {
    const denied = outcome.kind === 'refused-us' && denials.has(outcome.errno);
    return { kind: denied ? 'denied' : 'cannot-tell', message: outcome.message };
  }
  try {
    const rest = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
    const [row] = await outcome.ask(mayReplicate, rest);
    if (Number(row?.['granted'] ?? 0) > 0) return { kind: 'ok' };
    return { kind: 'denied', message: `'${target.account.user}' logs in, but lacks the REPLICATION SLAVE privilege` };
  } catch (error) {
    if (isFault(error)) return { kind: 'cannot-tell', message: error.message };
    throw error;
  } finally {
    outcome.close();
  }
}
