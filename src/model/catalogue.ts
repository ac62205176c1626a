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
  if (value === undefined) return `(${name} not known)`;
  return Array.isArray(value) ? value.join(', ') : String(value);
};

const entries = {
  // configuration
  BLOCK_EXISTS: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'file')} has a block [${fact(f, 'block')}] already`,
    matters: () => 'Another one of the same name would change that server; nothing was changed.',
    next: () => 'Name another block with --block, or remove the old one first.',
  },
  CONF_AMBIGUOUS: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'directory')} holds several configuration files: ${fact(f, 'files')}`,
    matters: () => 'Each is a cluster of its own, and a guess could act on the wrong one; nothing was touched.',
    next: () => 'Name the file with --conf FILE, or set MHA_CONF.',
  },
  CONF_INVALID: {
    exit: 1,
    // `others`: the same of every further problem, so that one run shows all there is to repair.
    seen: (f: Facts) =>
      [`${fact(f, 'file')}${f['line'] === 0 ? '' : `:${fact(f, 'line')}`}: ${fact(f, 'reason')}`]
        .concat(Array.isArray(f['others']) ? f['others'].map(String) : [])
        .join('; '),
    matters: () => 'A configuration that is only half understood could name the wrong server; nothing was touched.',
    next: (f: Facts) => fact(f, 'fix'),
  },
  CONF_NOT_FOUND: {
    exit: 1,
    seen: (f: Facts) => `No configuration file: ${fact(f, 'searched')}`,
    matters: () => 'Without it the servers of the cluster are not known; nothing was touched.',
    next: () => 'Give the file with --conf FILE, or set MHA_CONF.',
  },
  CONF_SCRIPT_FAILED: {
    exit: 1,
    seen: (f: Facts) => `init_conf_load_script (${fact(f, 'file')}:${fact(f, 'line')}) failed: ${fact(f, 'reason')}`,
    matters: () => 'It supplies values of the configuration, often the passwords; nothing was touched.',
    next: () => 'Run the script by hand as the same user, repair it, or switch it off with init_conf_load_script = "".',
  },
  CONF_UNWRITABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'file')} cannot be replaced: ${fact(f, 'reason')}`,
    matters: () => 'The file is as it was.',
    next: (f: Facts) => `Give the user the right to write in the folder of ${fact(f, 'file')}, with the file’s owner.`,
  },
  CONF_UNREADABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'file')} cannot be read: ${fact(f, 'reason')}`,
    matters: () => 'Without it the servers of the cluster are not known; nothing was touched.',
    next: (f: Facts) => `Give the user that runs mha-ts the right to read ${fact(f, 'file')}, or name another file.`,
  },
  SERVER_AMBIGUOUS: {
    exit: 1,
    seen: (f: Facts) => `"${fact(f, 'name')}" means several servers: ${fact(f, 'matching')}`,
    matters: () => 'Acting on the wrong one could lose data; nothing was touched.',
    next: () => 'Name one of them as HOST:PORT.',
  },
  SERVER_UNKNOWN: {
    exit: 1,
    seen: (f: Facts) => `"${fact(f, 'name')}" is no server of this cluster`,
    matters: () => 'Only servers that the configuration lists can be acted on; nothing was touched.',
    next: (f: Facts) => `Name one of: ${fact(f, 'known')}`,
  },

  // a run
  ALREADY_SOURCE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} is the source already`,
    matters: () => 'There is nothing to switch; nothing was touched.',
    next: () => 'Name another server with --new-master.',
  },
  APPLIER_FAILED: {
    exit: 1,
    seen: (f: Facts) =>
      `The applier of ${fact(f, 'server')} stopped with error ${fact(f, 'errno')}: ${fact(f, 'message')}`,
    matters: () => 'What comes after that event cannot be applied there, so this server cannot be brought level.',
    next: (f: Facts) => `Repair what the error names on ${fact(f, 'server')}, or rebuild it from the new source.`,
  },
  RELAY_LOG_WOULD_BE_LOST: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} has received transactions that it has not applied, and both its threads are stopped`,
    matters: () =>
      'MariaDB with GTIDs removes the relay log as a thread is started then, and no copy of these transactions could be had from elsewhere.',
    next: (f: Facts) =>
      `Copy the relay logs of ${fact(f, 'server')}, or make them readable over SSH, and run the command again.`,
  },
  APPLIER_STALLED: {
    exit: 1,
    seen: (f: Facts) =>
      `The applier of ${fact(f, 'server')} has not moved for ${fact(f, 'seconds')} s; it stands at ${fact(f, 'at')}`,
    matters: () => 'Its relay log is not applied, so this server cannot be brought level.',
    next: (f: Facts) =>
      `Look at ${fact(f, 'server')} for what holds its applier (locks, disk); applier_stall_seconds sets how long to wait.`,
  },
  BINLOG_SERVERS_UNREACHABLE: {
    exit: 1,
    seen: (f: Facts) => `No [binlogN] host can be reached: ${fact(f, 'servers')}`,
    matters: () => 'They are configured to hold what a dead source cannot give any more. Nothing was changed.',
    next: () => 'Repair the way to them, take their blocks out, or say --ignore-binlog-server-error.',
  },
  CHANNEL_GONE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} no longer has the replication channel it had`,
    matters: () => 'Somebody else changed its replication meanwhile.',
    next: (f: Facts) => `Look at the replication status of ${fact(f, 'server')} and run the command again.`,
  },
  CHANNEL_TAKEN: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} follows ${fact(f, 'followed')} by the channel "${fact(f, 'channel')}" already`,
    matters: (f: Facts) => `To follow ${fact(f, 'source')} by that name it would have to leave the other one.`,
    next: (f: Facts) => `Point ${fact(f, 'server')} at ${fact(f, 'source')} by hand, with a channel of another name.`,
  },
  CONFIRMATION_NEEDED: {
    exit: 1,
    seen: (f: Facts) => `There is no terminal to ask: ${fact(f, 'question')}`,
    matters: () => 'A command that changes the cluster is not begun without a word from you; nothing was touched.',
    next: () => 'Say --yes, or look at the plan first with --dry-run.',
  },
  DECLINED: {
    exit: 1,
    seen: () => 'The answer was not yes',
    matters: () => 'The cluster is as it was before the command.',
    next: () => 'Run the command again when you want it done.',
  },
  ENDED_BY_SIGNAL: {
    exit: 1,
    seen: (f: Facts) => `Ended by ${fact(f, 'signal')}`,
    matters: () =>
      'Nothing more was begun. What had been begun was put back, unless a new source was open for writes already.',
    next: () => 'Look at the cluster with mha-ts check-repl, then run the command again when you want it done.',
  },
  HOOK_FAILED: {
    exit: 1,
    seen: (f: Facts) => `The ${fact(f, 'hook')} script failed: ${fact(f, 'why')}`,
    matters: () => 'The site uses it to move clients or to fence; going on could leave two servers in use.',
    next: () => 'Read its output in the log, repair it and run the command again.',
  },
  DELAYED_LEFT: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} applies late on purpose and was left as it is: ${fact(f, 'why')}`,
    matters: (f: Facts) =>
      `Pointing it elsewhere would drop its relay log, which reaches to ${fact(f, 'received')} of ${fact(f, 'source')} and is applied up to ${fact(f, 'executed')}.`,
    next: (f: Facts) =>
      `When ${fact(f, 'server')} has executed ${fact(f, 'target')} of ${fact(f, 'source')}, point it to ${fact(f, 'newSource')} at ${fact(f, 'opened')}; if its relay log ends before that, rebuild it.`,
  },
  HISTORIES_APART: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'other')} has transactions of the dead source that ${fact(f, 'server')} lacks: ${fact(f, 'missing')}`,
    matters: (f: Facts) =>
      `They would be lost with ${fact(f, 'server')} as the source, and nothing that could be read brings them there.`,
    next: (f: Facts) =>
      `Name the source yourself with --new-master ${fact(f, 'other')}, or repair ${fact(f, 'other')} and run the failover again.`,
  },
  LAST_FAILOVER_FAILED: {
    exit: 1,
    seen: (f: Facts) => `The last failover of this cluster failed: ${fact(f, 'file')} exists`,
    matters: () =>
      'What it left behind may not be repaired yet; a second one on top could make it worse. Nothing was changed.',
    next: (f: Facts) =>
      `Repair the cluster (mha-ts check-repl), then remove ${fact(f, 'file')} or say --ignore-last-failover.`,
  },
  LAST_FAILOVER_TOO_RECENT: {
    exit: 1,
    seen: (f: Facts) => `The last failover was ${fact(f, 'minutes')} minutes ago, less than ${fact(f, 'limit')}`,
    matters: () =>
      'A second failover so soon usually means that the first one did not cure the cause. Nothing was changed.',
    next: (f: Facts) => `Look at the cluster, then say --ignore-last-failover or remove ${fact(f, 'file')}.`,
  },
  CLUSTER_CHANGED: {
    exit: 1,
    seen: (f: Facts) => `Somebody has changed the cluster since it was looked at: ${fact(f, 'how')}`,
    matters: () =>
      'Another manager, a switch or a person was faster; what was decided no longer fits. Nothing was changed.',
    next: () => 'Look at it with mha-ts check-repl, and run the command again if it is still needed.',
  },
  LOCK_HELD: {
    exit: 1,
    seen: (f: Facts) => `Somebody holds the lock ${fact(f, 'lock')} on ${fact(f, 'server')}`,
    matters: () => 'Another manager, a switch or a relay log purge is at work; two at once could promote two servers.',
    next: () => 'Wait until it has ended, or find its connection with IS_USED_LOCK and end it.',
  },
  NOBODY_TO_PROMOTE: {
    exit: 1,
    seen: (f: Facts) => `No new source: ${fact(f, 'why')}`,
    matters: () => 'Without a fit replica there is nothing to fail over to.',
    next: (f: Facts) => `Make one fit, then run the command again: ${fact(f, 'unfit')}`,
  },
  NOT_THE_SOURCE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} is not the source: the replicas follow ${fact(f, 'source')}`,
    matters: () => 'A failover leads away from the source of the cluster, and from nobody else; nothing was touched.',
    next: (f: Facts) =>
      `If ${fact(f, 'source')} is dead, name it with --dead-master-host; a replica that is dead needs no failover.`,
  },
  OTHER_SOURCE_OPEN: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} takes writes and follows no server of the configuration, while ${fact(f, 'source')} is dead`,
    matters: () =>
      'Somebody may have promoted it: with another new source there would be two servers that take writes. Nothing was changed.',
    next: (f: Facts) =>
      `If ${fact(f, 'server')} is the new source, point the others to it. If it is not, set read_only=1 there or take its block out, and run the failover again.`,
  },
  POSITION_UNKNOWN: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} does not tell where its binary log ends`,
    matters: () => 'The other replicas could not be told where to go on.',
    next: (f: Facts) => `Check log_bin on ${fact(f, 'server')}.`,
  },
  PREFLIGHT_REFUSED: {
    exit: 1,
    seen: (f: Facts) => `The checks refuse to go on: ${fact(f, 'seen')}`,
    matters: () =>
      'A failover or switch would fail on the way, or leave a cluster that is worse than before; nothing was changed.',
    next: (f: Facts) => `${fact(f, 'fix')} See all findings with: mha-ts check-repl`,
  },
  RECEIVER_FAILED: {
    exit: 1,
    seen: (f: Facts) =>
      `The receiver of ${fact(f, 'server')} stopped with error ${fact(f, 'errno')}: ${fact(f, 'message')}`,
    matters: () => 'It cannot fetch what it misses.',
    next: (f: Facts) => `Repair what the error names on ${fact(f, 'server')}, or rebuild it from the new source.`,
  },
  RECEIVER_NOT_STOPPED: {
    exit: 1,
    seen: (f: Facts) => `The receiver of ${fact(f, 'server')} did not stop (${fact(f, 'state')})`,
    matters: () => 'Positions are final only when nobody receives any more.',
    next: (f: Facts) => `Stop it by hand on ${fact(f, 'server')} and run the command again.`,
  },
  RELAY_LOG_UNKNOWN: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} does not tell where its relay logs are`,
    matters: () => 'Events that only it holds could not be read from there.',
    next: (f: Facts) => `Check relay_log on ${fact(f, 'server')}.`,
  },
  REPLICATION_NOT_STOPPED: {
    exit: 1,
    seen: (f: Facts) =>
      `Replication on ${fact(f, 'server')} did not stop (receiver ${fact(f, 'receiver')}, applier ${fact(f, 'applier')})`,
    matters: () => 'A server that still applies must not be opened for writes.',
    next: (f: Facts) => `Look at ${fact(f, 'server')} for what holds its threads.`,
  },
  REPOINT_FAILED: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} does not follow ${fact(f, 'source')}: receiver ${fact(f, 'receiver')}, applier ${fact(f, 'applier')}${f['message'] === '' ? '' : `: ${fact(f, 'message')}`}`,
    matters: () => 'The new source works, but this replica does not follow it.',
    next: (f: Facts) =>
      `Check the replication account and the network from ${fact(f, 'server')} to ${fact(f, 'source')}, then START it by hand.`,
  },
  RESCUE_INCOMPLETE: {
    exit: 1,
    seen: (f: Facts) => `The binary log of the dead source cannot be rescued whole: ${fact(f, 'defect')}`,
    matters: () => 'require_complete_rescue=1 forbids to go on with a part of it; nothing was repointed.',
    next: () =>
      'Repair the file or the access to it; or set require_complete_rescue=0 to accept the loss that the report names.',
  },
  RESCUE_TOO_LONG: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} misses more than ${fact(f, 'limit')} bytes of the dead source's binary log`,
    matters: () => 'Fetching that much is slower than rebuilding the replica; the others were not held up by it.',
    next: (f: Facts) =>
      `Rebuild ${fact(f, 'server')} from the new source; a higher laggard_fetch_limit_mb lets the next failover fetch more.`,
  },
  ROLLBACK_INCOMPLETE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} could not be opened for writes again after: ${fact(f, 'cause')}`,
    matters: () => 'Perhaps no server of the cluster takes writes now.',
    next: (f: Facts) =>
      `On ${fact(f, 'server')}: check that no other server is writable, then SET GLOBAL read_only=0. If it is dead: mha-ts failover --dead-master-host ${fact(f, 'server')}`,
  },
  RUN_AT_WORK: {
    exit: 1,
    seen: (f: Facts) => `Another command (pid ${fact(f, 'pid')}) is at work; its run is in ${fact(f, 'path')}`,
    matters: () => 'Two at once could promote two servers, or undo what the other one does. Nothing was changed.',
    next: (f: Facts) =>
      `Wait until process ${fact(f, 'pid')} has ended, and read report.txt in ${fact(f, 'path')}. If it hangs, end it; then run the command again.`,
  },
  RUN_OVERTAKEN: {
    exit: 1,
    seen: (f: Facts) =>
      `The run in ${fact(f, 'path')} was ended by force, and somebody has gone on since: ${fact(f, 'server')}: ${fact(f, 'how')}`,
    matters: () =>
      'Putting back what that run had changed would undo what was done since, and could give the cluster two sources. Nothing was changed.',
    next: (f: Facts) =>
      `Look at the servers with mha-ts check-repl, and compare read_only, relay_log_purge and the running threads with ${fact(f, 'path')}/former-settings.json; when all is as it should be, delete ${fact(f, 'path')}/journal.jsonl.`,
  },
  RUN_UNFINISHED: {
    exit: 1,
    seen: (f: Facts) =>
      `The run in ${fact(f, 'path')} was ended by force after it had begun to open ${fact(f, 'server')} for writes`,
    matters: () =>
      'Which server takes writes, and who follows it, must be looked at before anything else is done. Nothing was changed.',
    next: (f: Facts) =>
      `Look at the servers with mha-ts check-repl; if ${fact(f, 'server')} is open, point the others to it (${fact(f, 'place')}). A failover keeps relay_log_purge off until it ends, and relay logs would fill the disks: set it as ${fact(f, 'path')}/former-settings.json has it. Then delete ${fact(f, 'path')}/journal.jsonl.`,
  },
  SEMI_SYNC_SHORT: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'attached')} semi-synchronous replicas are attached to ${fact(f, 'server')}, which is to wait for ${fact(f, 'wanted')}`,
    matters: (f: Facts) =>
      `${fact(f, 'server')} takes writes without waiting until there are enough: a transaction that it acknowledges may be on it alone.`,
    next: (f: Facts) =>
      `Attach another semi-synchronous replica to ${fact(f, 'server')}, then let it wait again (rpl_semi_sync_..._wait_no_... = ON).`,
  },
  SOURCE_ALIVE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} is not dead: ${fact(f, 'sign')}`,
    matters: () => 'A failover would leave two servers that take writes; nothing was changed.',
    next: () => 'To replace a source that works, use: mha-ts switch',
  },
  SOURCE_NOT_FENCED: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} is reachable but could not be stopped: ${fact(f, 'why')}`,
    matters: () => 'Opening another server now could leave two that take writes; everything was put back.',
    next: (f: Facts) =>
      `Stop the database on ${fact(f, 'server')} by hand (or configure shutdown_script), then run the failover again.`,
  },
  SOURCE_NOT_PROVEN_DEAD: {
    exit: 1,
    seen: (f: Facts) => `The death of ${fact(f, 'server')} is not certain: ${fact(f, 'why')}`,
    matters: () => 'It may still take writes from clients that reach it; nothing was changed.',
    next: (f: Facts) =>
      `Look at ${fact(f, 'server')} yourself; stop it for good, or configure shutdown_script, then try again.`,
  },
  SOURCE_RETURNED: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} shows life again: ${fact(f, 'sign')}`,
    matters: () => 'Opening another server now could leave two that take writes; everything was put back.',
    next: (f: Facts) => `Look at ${fact(f, 'server')}. If it must go, stop it for good and run the failover again.`,
  },
  SOURCE_WATCHED: {
    exit: 1,
    seen: (f: Facts) => `A manager watches ${fact(f, 'server')}: somebody holds the lock ${fact(f, 'lock')} there`,
    matters: () =>
      'Behind a switch it would go on watching the old source, and nobody would fail over from the new one. Nothing was changed.',
    next: () => 'End the manager (mha-ts stop, masterha_stop), switch, and start it again.',
  },
  STILL_READ_ONLY: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} is still read-only after read_only=0 was set`,
    matters: () => 'Clients cannot write to the new source.',
    next: (f: Facts) => `Set read_only=0 on ${fact(f, 'server')} by hand and find out what sets it back.`,
  },
  TAIL_ENDS_EARLY: {
    exit: 1,
    seen: (f: Facts) =>
      `The rescued binary log ends at ${fact(f, 'end')}, before ${fact(f, 'server')} at ${fact(f, 'at')}`,
    matters: () => "The replica has more than the dead source's log gives; the others need it from there.",
    next: () => "Nothing to do: the run plans again with that replica's relay log.",
  },
  TAIL_GREW: {
    exit: 1,
    seen: (f: Facts) =>
      `The newest binary log of ${fact(f, 'server')} changed during the run: ${fact(f, 'before')}, now ${fact(f, 'now')}`,
    matters: () => 'Something wrote to it after its tail was saved.',
    next: () => 'Nothing to do: the run plans again and fetches the rest.',
  },
  TAIL_STARTS_LATE: {
    exit: 1,
    seen: (f: Facts) =>
      `The oldest binary log on ${fact(f, 'server')} begins behind what ${fact(f, 'replica')} has (${fact(f, 'held')})`,
    matters: (f: Facts) => `What lies between was purged there: ${fact(f, 'replica')} cannot be levelled from it.`,
    next: (f: Facts) => `Rebuild ${fact(f, 'replica')} from a replica that has it all.`,
  },
  TARGET_BEYOND_RESCUE: {
    exit: 1,
    seen: (f: Facts) =>
      `What could be rescued ends at ${fact(f, 'end')}; ${fact(f, 'server')} would need everything up to ${fact(f, 'target')}`,
    matters: () => 'Following the new source without it would leave transactions out for good.',
    next: (f: Facts) => `Rebuild ${fact(f, 'server')} from the new source.`,
  },
  TARGET_NOT_REACHED: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} stands at ${fact(f, 'at')} and has not reached ${fact(f, 'target')}`,
    matters: () => 'It lacks transactions that were rescued, so it must neither be promoted nor repointed.',
    next: (f: Facts) =>
      `Look at its replication status and error log; rebuild ${fact(f, 'server')} if it cannot go on.`,
  },
  TARGET_UNKNOWN: {
    exit: 1,
    seen: () => 'The place that all replicas must reach is not known',
    matters: () => 'Without it no replica can be proven level.',
    next: () =>
      'Check that at least one replica tells its coordinates (it must have been connected to the source once).',
  },
  TOPOLOGY_CHANGED: {
    exit: 1,
    seen: (f: Facts) => `The replicas no longer follow ${fact(f, 'server')}; their source is now ${fact(f, 'now')}`,
    matters: () => 'Somebody has changed the cluster meanwhile; what was decided no longer fits. Nothing was changed.',
    next: () => 'Look at it with mha-ts check-repl and start again.',
  },
  TRANSACTIONS_OPEN: {
    exit: 1,
    seen: (f: Facts) => `Transactions are still open on ${fact(f, 'server')}: ${fact(f, 'transactions')}`,
    matters: () =>
      'An open transaction cannot be moved to another server; it would fail at its commit. Nothing was changed.',
    next: () => 'Let them end and try again, raise switch_drain_seconds, or allow to end them with --end-transactions.',
  },
  WRITES_NOT_LOCKED: {
    exit: 1,
    seen: (f: Facts) => `Writes on ${fact(f, 'server')} could not be stopped: ${fact(f, 'cause')}`,
    matters: () =>
      'A running statement or a lock stood in the way; the switch was rolled back before clients had to wait longer.',
    next: (f: Facts) =>
      `Look at SHOW FULL PROCESSLIST on ${fact(f, 'server')} for long statements and LOCK TABLES, then try again.`,
  },
  REPLICA_STANDS_STILL: {
    exit: 1,
    seen: (f: Facts) =>
      `On ${fact(f, 'server')} the receiver is ${fact(f, 'receiver')} and the applier ${fact(f, 'applier')}`,
    matters: () => 'Relay logs are removed by an applier that has come to the next one. Nothing was changed.',
    next: (f: Facts) => `Start replication on ${fact(f, 'server')}, after repairing what stopped it.`,
  },
  SERVER_SILENT: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} does not answer: ${fact(f, 'why')}`,
    matters: () => 'What it is like cannot be told. Nothing was changed.',
    next: () => 'Look at the server, the network and the account: mha-ts check-repl',
  },
  STATEMENTS_RUNNING: {
    exit: 1,
    seen: (f: Facts) =>
      `On ${fact(f, 'server')} statements run for longer than ${fact(f, 'limit')} s: ${fact(f, 'statements')}`,
    matters: () => 'They would hold the switch up while writes are stopped. Nothing was changed.',
    next: (f: Facts) => `Wait for their end, end them by id, or raise ${fact(f, 'option')}.`,
  },
  SWITCH_TOO_SLOW: {
    exit: 1,
    seen: (f: Facts) => `The new source was not ready within ${fact(f, 'seconds')} s after writes were stopped`,
    matters: () => 'Clients would have had to wait too long; the switch was rolled back.',
    next: () =>
      'Look at the steps above for what took so long (a large transaction, a server that does not answer), then try again.',
  },
  CANDIDATE_FAR_BEHIND: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} does not come near: it has executed ${fact(f, 'at')} of ${fact(f, 'end')} (applier ${fact(f, 'applier')})`,
    matters: () => 'Clients would have to wait until it has caught up. Nothing was changed.',
    next: (f: Facts) => `Look at what delays ${fact(f, 'server')}, or choose another new source, then try again.`,
  },
  WRITER_ADDRESS_NOT_ANNOUNCED: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} has the writer's address ${fact(f, 'address')}, and its host could not tell the neighbours: ${fact(f, 'message')}`,
    matters: () =>
      'Clients that had a connection to the old host go on sending there until their ARP entry has grown old: up to a minute.',
    next: (f: Facts) =>
      `Install arping (or perl, or python3) on the host of ${fact(f, 'server')}, let the SSH user run it, and run there: arping -U -c 3 -I ${fact(f, 'interface')} ${fact(f, 'address')}`,
  },
  WRITER_ADDRESS_NOT_MOVED: {
    exit: 1,
    seen: (f: Facts) => `The writer's address ${fact(f, 'address')} and ${fact(f, 'server')}: ${fact(f, 'why')}`,
    matters: () =>
      'Clients follow this address: on two hosts, or on the wrong one, it leads them away from the server that takes writes.',
    next: (f: Facts) =>
      `Look with "ip addr" on the hosts of the old and the new source, and leave ${fact(f, 'address')} on the present source's host alone.`,
  },
  WRITES_NOT_STOPPED: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'server')} still writes under the lock: ${fact(f, 'first')}, then ${fact(f, 'second')}`,
    matters: () => 'Its last position is not final; the switch was rolled back.',
    next: (f: Facts) => `Find out what writes on ${fact(f, 'server')} in spite of the lock, then try again.`,
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
  SQL_NOT_CONNECTED: {
    exit: 1,
    seen: (f: Facts) => `Cannot connect to ${fact(f, 'server')}: ${fact(f, 'message')}`,
    matters: () => 'What that server holds and does cannot be read, and nothing can be changed on it.',
    next: (f: Facts) =>
      `Check that ${fact(f, 'server')} runs, that its port can be reached from here and that the account may log in from this host.`,
  },
  SQL_NEVER_ANSWERED: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} has not answered since this command was started`,
    matters: () => 'Which statements it understands is not known, so none was sent.',
    next: (f: Facts) => `Check that ${fact(f, 'server')} runs and is reachable, then run the command again.`,
  },
  SQL_VERSION_UNKNOWN: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'server')} says its version is "${fact(f, 'version')}"`,
    matters: () => 'Which statements it understands is not known, so none was sent.',
    next: () => 'MySQL from 5.5 on and MariaDB from 10.0 on are known; a proxy in between may have to be gone round.',
  },
  SQL_CONNECTION_LOST: {
    exit: 1,
    seen: (f: Facts) => `The connection to ${fact(f, 'server')} broke: ${fact(f, 'message')}`,
    matters: () => 'Whether a running statement took effect is unknown.',
    next: (f: Facts) => `Check that ${fact(f, 'server')} runs and is reachable, then run the command again.`,
  },

  // recovery source
  BINLOG_DIR_UNREADABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'directory')} on ${fact(f, 'host')} cannot be read: ${fact(f, 'message')}`,
    matters: () => 'The binary log lies there; without it nothing can be rescued from that host.',
    next: (f: Facts) => `Let the SSH user read ${fact(f, 'directory')}, or correct master_binlog_dir.`,
  },
  RECOVERY_LISTEN_FAILED: {
    exit: 1,
    seen: (f: Facts) =>
      `The recovery source cannot listen for ${fact(f, 'replica')} on ${fact(f, 'address')}: ${fact(f, 'message')}`,
    matters: () => 'That replica cannot be given what the dead source still holds.',
    next: () => 'Give an address of this machine that the replica can reach, or allow SSH forwarding on its host.',
  },
  RECOVERY_THREAD_DIED: {
    exit: 1,
    seen: (f: Facts) => `The thread that fetches and serves the saved binary log is gone: ${fact(f, 'message')}`,
    matters: () => 'What was saved is on disk, but no replica is served any more.',
    next: () =>
      'Run the command again: replicas continue where they are, nothing is applied twice. Where it comes back, look at the memory and process limits of this machine; --skip-save-master-binlog goes on without what only the dead disk holds.',
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
  SSH_CONNECTION_LOST: {
    exit: 1,
    seen: (f: Facts) => `The SSH connection to ${fact(f, 'host')} broke: ${fact(f, 'message')}`,
    matters: () => 'What was being done there may be done or not; that is unknown.',
    next: (f: Facts) => `Check that ${fact(f, 'host')} is up, then run the command again.`,
  },
  SSH_HOST_KEY_REVOKED: {
    exit: 1,
    seen: (f: Facts) =>
      `The host key of ${fact(f, 'host')} is marked @revoked in ${fact(f, 'file')}, line ${fact(f, 'line')}`,
    matters: () => 'Somebody declared this key stolen or retired; nothing was sent to the machine that shows it.',
    next: (f: Facts) => `Give ${fact(f, 'host')} a new host key, or take the line out if it is there by mistake.`,
  },
  SSH_HOST_KEY_UNKNOWN: {
    exit: 1,
    seen: (f: Facts) =>
      `${fact(f, 'host')} shows an unknown ${fact(f, 'keyType')} host key, ${fact(f, 'fingerprint')}` +
      (f['authority'] === true ? ' (a @cert-authority line exists for it; host certificates are not supported)' : ''),
    matters: () => 'ssh_options demands that host keys are known beforehand (StrictHostKeyChecking); nothing was sent.',
    next: (f: Facts) =>
      `Compare the fingerprint on the host itself, then: ssh-keyscan -p ${fact(f, 'port')} ${fact(f, 'address')} >> ${fact(f, 'file')}`,
  },
  SSH_KNOWN_HOSTS_UNREADABLE: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'file')} cannot be read: ${fact(f, 'message')}`,
    matters: () => 'It may hold the very key that a changed host has to be compared with.',
    next: (f: Facts) => `Make ${fact(f, 'file')} readable for this user, or name another with UserKnownHostsFile.`,
  },
  SSH_NO_ANSWER: {
    exit: 1,
    seen: (f: Facts) => `${fact(f, 'host')} gave no answer to ${fact(f, 'what')} within ${fact(f, 'deadlineMs')} ms`,
    matters: () => 'It was ended; whether it took effect is unknown.',
    next: (f: Facts) => `Look at ${fact(f, 'host')} (load, disk, network), then run the command again.`,
  },
  SSH_NOT_FORWARDED: {
    exit: 1,
    seen: (f: Facts) =>
      `The SSH server of ${fact(f, 'host')} did not forward to ${fact(f, 'to')}: ${fact(f, 'message')}`,
    matters: () => 'Replicas reach the recovery source through SSH forwarding unless a listen address is given.',
    next: (f: Facts) =>
      `Set AllowTcpForwarding yes (and no PermitListen or PermitOpen against it) in sshd_config of ${fact(f, 'host')}.`,
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
    seen: (f: Facts) => `${fact(f, 'path')} cannot be used: ${fact(f, 'message')}`,
    matters: () => 'Every step is recorded there before it is done; without the record nothing is touched.',
    next: () => 'Set manager_workdir to a directory that this user may write and that has room, then run again.',
  },

  // what nobody has thought of
  UNFORESEEN: {
    exit: 1,
    seen: (f: Facts) => fact(f, 'message'),
    matters: () => 'The command could not go on.',
    next: () => 'Repair what it names and run the command again; if it fails the same way, report it.',
  },

  // sandbox
  SANDBOX_FAILED: {
    exit: 1,
    seen: (f: Facts) => `The sandbox could not ${fact(f, 'what')}: ${fact(f, 'message')}`,
    matters: () => 'Demo, tests and benchmarks need it; nothing outside its own folder was touched.',
    next: () =>
      'Run node scripts/setup.mjs to see what is missing on this machine; logs are in the folder of the cluster.',
  },
} as const satisfies Record<string, Entry>;

export type Code = keyof typeof entries;
export const catalogue: Readonly<Record<Code, Entry>> = entries;
