import type { AnyAuthMethod } from 'ssh2';
import type { Identities } from './keys.js';
import type { SshHome, Target } from './target.js';

/** Keys that were named come first, since a server counts every try; keys that just lie there come after the agent's. */
export function waysToLogIn(target: Target, { usable }: Identities, home: SshHome): readonly AnyAuthMethod[] {
  const username = target.user;
  const keys = usable.map(({ key }): AnyAuthMethod => ({ type: 'publickey', username, key }));
  const agent: readonly AnyAuthMethod[] =
    home.agentSocket === undefined || target.identitiesOnly
      ? []
      : [{ type: 'agent', username, agent: home.agentSocket }];
  return target.identityFiles === undefined ? [...agent, ...keys] : [...keys, ...agent];
}
