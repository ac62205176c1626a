import { defaultsOnly, everywhere, key, optionalKey } from '../key.js';
import { command, filePath, integer, oneOf } from '../kinds.js';

/** Programs of the site that are called on the way. */
export const hookKeys = {
  secondary_check_script: optionalKey(command, {
    levels: everywhere,
    meaning: 'Asked before the source is declared dead; only exit 0 lets a failover go on.',
  }),
  master_ip_failover_script: optionalKey(command, {
    levels: everywhere,
    meaning: "Takes the writer's address from the dead source and gives it to the new one.",
  }),
  master_ip_online_change_script: optionalKey(command, {
    levels: everywhere,
    meaning: "Moves the writer's address in a planned switch.",
  }),
  shutdown_script: optionalKey(command, {
    levels: everywhere,
    meaning:
      'Makes sure that the dead source stays down. Exit 0: powered off. Exit 10: the server process was ended and SSH works.',
  }),
  master_pid_file: optionalKey(filePath, {
    levels: everywhere,
    meaning:
      'Process id file of the server, given to shutdown_script so that it ends only that process on a host with several.',
  }),
  report_script: optionalKey(command, {
    levels: everywhere,
    meaning: 'Called with subject and body after a failover.',
  }),
  init_conf_load_script: optionalKey(command, {
    levels: defaultsOnly,
    meaning:
      'Run while the configuration is read, at most 10 seconds. Each line `name=value` that it prints replaces that key of `[server default]`; meant for passwords. Its output is never logged.',
    note: 'MHA cuts a value at its second `=`; here it is kept whole.',
  }),
  hook_secrets: key(oneOf('arguments', 'env'), 'arguments', {
    levels: defaultsOnly,
    own: true,
    meaning:
      'Where hook scripts find the passwords of the administrative account. `arguments`: as MHA passes them, `--new_master_password=...`, where everybody on the manager can read them in the list of processes while a script runs. `env`: in the environment instead, `MHA_NEW_MASTER_PASSWORD`, `MHA_ORIG_MASTER_PASSWORD`, `MHA_MASTER_PASSWORD`.',
  }),
  hook_timeout_seconds: key(integer(1, 86_400), '300', {
    levels: defaultsOnly,
    own: true,
    meaning: 'Seconds that a hook script may run before it is ended and counts as failed.',
  }),
};
