import { Fault } from '../../model/fault.js';
import { type Hand, settingsOf } from '../hand.js';
import { run, shown } from './sql.js';

/**
 * The first act of freeze: from here on a drained relay log stays on disk, so that it can still be served to others.
 * The replica's own setting is put back when it is done with.
 */
export const keepRelayLogs: Hand<'keep-relay-logs'> = {
  title: ({ server }) => `${server}: keep relay logs`,
  deadlineMs: 10_000,
  already: ({ server }, { facts }) => Promise.resolve(facts.former.get(server)?.state.relayLogPurge === false),
  perform: (step, world) => run(world, step.server, world.servers.dialect(step.server).relayLogPurge(false)),
  undo: (step, world) => run(world, step.server, world.servers.dialect(step.server).relayLogPurge(true)),
  show: ({ server }, { servers }) => shown(servers.dialect(server).relayLogPurge(false)),
};

export const restoreRelayPurge: Hand<'restore-relay-purge'> = {
  title: ({ server }) => `${server}: restore relay_log_purge`,
  deadlineMs: 10_000,
  already: ({ server }, { facts }) => Promise.resolve(facts.former.get(server)?.state.relayLogPurge === false),
  perform: (step, world) => run(world, step.server, world.servers.dialect(step.server).relayLogPurge(true)),
  show: ({ server }, { servers }) => shown(servers.dialect(server).relayLogPurge(true)),
};

/** Single quotes around a word for a POSIX shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Links each relay file into a directory of ours; a link survives the server's own removal of the name. */
function linkCommand(directory: string, base: string, index: string, dataDir: string): string {
  const name = base.slice(base.lastIndexOf('/') + 1);
  return [
    'set -e',
    `mkdir -p -m 700 ${quote(directory)}`,
    `cd ${quote(dataDir)}`,
    `while read -r f; do [ -n "$f" ] && ln -f "$f" ${quote(directory)}/; done < ${quote(index)}`,
    `ls ${quote(directory)}/${quote(name)}.[0-9]* > ${quote(`${directory}/index`)}`,
  ].join('\n');
}

/**
 * A laggard may need what only the newest replica's relay log has, should the dead disk turn out unfit there. Our own CHANGE
 * would remove those files; hard links cost nothing and keep them. Where links are impossible the run goes on without.
 */
export const setAsideRelay: Hand<'set-aside-relay'> = {
  title: ({ server }) => `${server}: set its relay log aside`,
  deadlineMs: 5_000,
  async perform({ server }, world) {
    const state = world.facts.former.get(server)?.state;
    if (state?.relayLogBase === undefined || state.relayLogIndex === undefined) {
      throw new Fault('RELAY_LOG_UNKNOWN', { server });
    }
    const directory = `${settingsOf(world.settings, server).remoteWorkdir}/mha-ts-relay-${world.folder.id}`;
    const command = linkCommand(directory, state.relayLogBase, state.relayLogIndex, state.dataDir);
    const result = await world.shells.door(server).run(command, { deadlineMs: 4_000, signal: world.signal });
    if (result.code !== 0) {
      await world.shells.door(server).run(`rm -rf ${quote(directory)}`, { deadlineMs: 4_000 });
      const purpose = 'keep the relay log of the newest replica for those that are behind';
      throw new Fault('SSH_COMMAND_FAILED', {
        host: server,
        status: result.code ?? 'a signal',
        message: result.stderr.trim(),
        purpose,
      });
    }
    const base = `${directory}/${state.relayLogBase.slice(state.relayLogBase.lastIndexOf('/') + 1)}`;
    world.facts.aside = { server, directory, base, index: `${directory}/index` };
  },
  show: ({ server }, { settings }) => [
    `on ${server}: ln RELAY-LOGS ${settingsOf(settings, server).remoteWorkdir}/mha-ts-relay-RUN/`,
  ],
};

/** Removes the links again. Called by the conductor when nobody can need them any more. */
export function removeAsideCommand(directory: string): string {
  return `rm -rf ${quote(directory)}`;
}
