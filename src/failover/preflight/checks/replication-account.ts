import type { Check } from '../evidence.js';
import { candidatesOf } from '../roles.js';

/** The account that replicas use can log in to each server that may lead, from a replica's host. */
export const replicationAccount: Check = (evidence) =>
  evidence.accounts.flatMap(({ from, to, user, result }) => {
    if (result.kind === 'ok') return [];
    const couldLead = candidatesOf(evidence).some(({ id }) => id === to);
    const denied = result.kind === 'denied';
    return [
      {
        id: 'replication-account',
        severity: denied && couldLead ? ('refuse' as const) : denied ? ('warn' as const) : ('note' as const),
        server: to,
        seen: `${user} from ${from} to ${to}: ${denied ? 'denied' : 'could not be tried'} (${result.message})`,
        matters: denied
          ? `If ${to} becomes the source, ${from} cannot replicate from it.`
          : 'Whether replicas could follow a new source was not proven.',
        fix: denied
          ? `Create the account on ${to} with the same password and the right to replicate, for the replicas' hosts.`
          : 'Set repl_user and repl_password, and let SSH forward connections, so that it can be tried.',
      },
    ];
  });
