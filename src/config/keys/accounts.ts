import { everywhere, key, optionalKey } from '../key.js';
import { secret, userName } from '../kinds.js';

/** Who logs in. */
export const accountKeys = {
  user: key(userName, 'root', {
    levels: everywhere,
    meaning:
      'Administrative database account, used on every server: it reads state, stops and starts replication and sets read_only.',
  }),
  password: key(secret, '', { levels: everywhere, secret: true, meaning: 'Its password.' }),
  repl_user: optionalKey(userName, {
    levels: everywhere,
    defaultNote: 'the account each replica uses now',
    meaning: 'Account that replicas log in to the new source with. The value of the new source is taken.',
  }),
  repl_password: optionalKey(secret, {
    levels: everywhere,
    secret: true,
    defaultNote: 'the password each replica has stored',
    meaning: 'Its password. Needed to attach an old source as a replica: that server has none stored.',
  }),
};
