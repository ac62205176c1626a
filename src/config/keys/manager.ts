import { defaultsOnly, everywhere, key, optionalKey } from '../key.js';
import { filePath, oneOf, text } from '../kinds.js';

/** The manager's own files and words. */
export const managerKeys = {
  manager_workdir: key(filePath, '/var/tmp', {
    levels: defaultsOnly,
    meaning:
      'Directory for the status file, flag files, journals, saved binary logs and reports. Created when it is missing.',
  }),
  manager_log: optionalKey(text, {
    levels: defaultsOnly,
    defaultNote: 'the screen',
    meaning:
      'File that the monitor appends its log to. It is opened anew for every write, so logrotate needs no signal.',
  }),
  log_level: key(oneOf('debug', 'info', 'warning', 'error'), 'info', {
    levels: everywhere,
    meaning:
      'How much of a run is logged: lines below this level are left out, in manager_log and on the screen (where --quiet or --verbose decide instead). The value of the first server is taken.',
  }),
};
