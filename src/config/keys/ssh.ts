import { everywhere, key, optionalKey, serverOnly } from '../key.js';
import { host, integer, text, userName } from '../kinds.js';

/** How the shell of a database host is reached. */
export const sshKeys = {
  ssh_host: optionalKey(host, {
    levels: serverOnly,
    defaultNote: '`hostname`',
    meaning: 'Name of the SSH server where it is not the name of the database server; host keys are recorded under it.',
  }),
  ssh_ip: optionalKey(host, {
    levels: serverOnly,
    defaultNote: 'what `ssh_host` resolves to, else `ip`',
    meaning: 'Address that SSH connections go to.',
    note: 'MHA accepts this key and always computes the address anew; here the written value is used.',
  }),
  ssh_port: key(integer(1, 65535), '22', { levels: everywhere, meaning: 'TCP port of the SSH server.' }),
  ssh_user: optionalKey(userName, {
    levels: everywhere,
    defaultNote: 'the user that runs mha-ts',
    meaning:
      'Login name on the database hosts. It must be able to read the binary logs and relay logs, and to end the server process.',
  }),
  ssh_connection_timeout: key(integer(1, 600), '5', {
    levels: everywhere,
    meaning: 'Seconds after which an SSH connection attempt counts as failed.',
    note: 'MHA uses the first value it parses for all hosts; here every server has its own.',
  }),
  ssh_options: key(text, '', {
    levels: everywhere,
    meaning:
      'Options as the OpenSSH client takes them: `-i`, `-p`, `-l`, `-C`, and `-o` with IdentityFile, Port, User, Compression, ConnectTimeout, StrictHostKeyChecking, UserKnownHostsFile, ProxyJump. `-C` (Compression) trades processor time for bytes on the line: for a slow line and rows that can be compressed.',
    note: 'In MHA the block parsed last decides for all hosts; here every server has its own.',
  }),
};
