/**
 * Every error the product can say, in one place. Documentation, the JSON form and a test walk this table.
 * `seen`: what is so, with the host and the value. `matters`: why that is a problem now. `next`: what to do.
 * Keep codes in alphabetical order inside their group; a code is never renamed once released.
 */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

interface Entry {
  readonly exit: 1 | 2;
  readonly seen: (facts: Facts) => string;
  readonly matters: (facts: Facts) => string;
  readonly next: (facts: Facts) => string;
}

const fact = (facts: Facts, name: string): string => {
  const value = facts[name];
  return value === undefined ? `(${name} not known)` : String(value);
};

const entries = {
  // configuration
  CONF_INVALID: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'file')}:${fact(f, 'line')}: ${fact(f, 'reason')}`,
    matters: () => 'A configuration that is only half understood could name the wrong server; nothing was touched.',
    next: (f: Facts) => fact(f, 'fix'),
  },
  CONF_NOT_FOUND: {
    exit: 1,
    seen: (f: Facts) => `No configuration file: ${fact(f, 'searched')}`,
    matters: () => 'Without it the servers of the cluster are not known; nothing was touched.',
    next: () => 'Give the file with --conf FILE, or set MHA_CONF.',
  },

  // servers
  SQL_FAILED: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} answered ${fact(f, 'errno')} to "${fact(f, 'statement')}": ${fact(f, 'message')}`,
    matters: () => 'The statement did not take effect, so the step that needed it has failed.',
    next: () =>
      "Read the server's message; grant the missing privilege or repair what it names, then run the command again.",
  },
  SQL_NO_ANSWER: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} gave no answer to "${fact(f, 'statement')}" within ${fact(f, 'deadlineMs')} ms`,
    matters: () => 'Whether the statement took effect is unknown; the connection was closed.',
    next: (f: Facts) => `Look at ${fact(f, 'server')} (process list, disk, load), then run the command again.`,
  },
  SQL_CONNECTION_LOST: {
    exit: 1,
    seen: (f: Facts) => `The connection to ${fact(f, 'server')} broke: ${fact(f, 'message')}`,
    matters: () => 'Whether a running statement took effect is unknown.',
    next: (f: Facts) => `Check that ${fact(f, 'server')} runs and is reachable, then run the command again.`,
  },

  // shell
  SSH_UNREACHABLE: {
    exit: 1,
    seen: (f: Facts) =>
      `SSH to ${fact(f, 'host')} (${fact(f, 'address')}:${fact(f, 'port')}) failed: ${fact(f, 'message')}`,
    matters: () => 'Without a shell on that host its logs cannot be read and a server on it cannot be kept down.',
    next: () => 'Check the SSH port, user and key with: mha-ts check-ssh',
  },
  SSH_HOST_KEY_CHANGED: {
    exit: 1,
    seen: (f: Facts) => `The host key of ${fact(f, 'host')} is not the one recorded in ${fact(f, 'file')}`,
    matters: () => 'Another machine may be answering in its place; nothing was sent to it.',
    next: (f: Facts) =>
      `If the change is intended: ssh-keygen -R '${fact(f, 'name')}' -f ${fact(f, 'file')}, then connect again.`,
  },
  SSH_COMMAND_FAILED: {
    exit: 1,
    seen: (f: Facts) => `A command on ${fact(f, 'host')} ended with ${fact(f, 'status')}: ${fact(f, 'message')}`,
    matters: (f: Facts) => `It was needed to ${fact(f, 'purpose')}.`,
    next: (f: Facts) => `Check on ${fact(f, 'host')} that the SSH user may do this, then run the command again.`,
  },

  // the manager's directory
  STATUS_UNREADABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'path')} does not hold a manager's status: "${fact(f, 'text')}"`,
    matters: () => 'Whether a manager runs for this cluster cannot be told from it.',
    next: (f: Facts) => `Look for a running manager (ps), then remove ${fact(f, 'path')} if there is none.`,
  },
  WORKDIR_UNUSABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'path')} cannot be written: ${fact(f, 'message')}`,
    matters: () => 'Every step is recorded there before it is done; without the record nothing is touched.',
    next: () => 'Set manager_workdir to a directory that this user may write and that has room, then run again.',
  },
} as const satisfies Record<string, Entry>;

export type Code = keyof typeof entries;
export const catalogue: Readonly<Record<Code, Entry>> = entries;
