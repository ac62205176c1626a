import { Fault } from '../../model/fault.js';
import { shellWord } from '../../model/shell-word.js';
import { type ServerSettings, settingsOf } from '../../model/settings.js';
import type { Hand } from '../hand.js';
import { relayFilesOf } from '../relay-files.js';
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

/**
 * Gives each relay file a name in a directory of ours that outlives the server's own removal: a hard link, or, where the directory
 * is on another file system, a link to the descriptor of a process that holds all of them open.
 */
function linkCommand(directory: string, base: string, index: string, dataDir: string): string {
  const name = base.slice(base.lastIndexOf('/') + 1);
  const script = `
set -e
dir=$1 name=$2 index=$3
mkdir -p -m 700 "$dir"
cd "$4"
if ! ( while read -r f; do [ -z "$f" ] || ln -f "$f" "$dir/" || exit 1; done ) < "$index" 2>/dev/null; then
  rm -f "$dir"/*
  files=$(cat "$index")
  tail -q -n 0 -f $files >/dev/null 2>&1 </dev/null &
  holder=$!
  echo "$holder" > "$dir/holder"
  count=$(grep -c . "$index")
  tries=0
  while [ "$(ls -l /proc/$holder/fd 2>/dev/null | grep -c "/$name\\.[0-9]")" -lt "$count" ]; do
    tries=$((tries + 1)); [ "$tries" -le 200 ] || exit 1
    sleep 0.01
  done
  for fd in /proc/$holder/fd/*; do
    file=$(readlink "$fd") || continue
    case $file in */"$name".[0-9]*) ln -s "$fd" "$dir/\${file##*/}" ;; esac
  done
fi
ls "$dir/$name".[0-9]* > "$dir/index"
`;
  return `sh -c ${shellWord(script)} sh ${[directory, name, index, dataDir].map(shellWord).join(' ')}`;
}

/** Where the links of one run lie on a replica's host. */
export function asideDirectory({ remoteWorkdir }: Pick<ServerSettings, 'remoteWorkdir'>, run: string): string {
  return `${remoteWorkdir}/mha-ts-relay-${run}`;
}

/**
 * A laggard may need what only the newest replica's relay log has, should the dead disk turn out unfit there. Our own CHANGE
 * would remove those files; links cost nothing and keep them.
 */
export const setAsideRelay: Hand<'set-aside-relay'> = {
  title: ({ server }) => `${server}: set its relay log aside`,
  deadlineMs: 5_000,
  async perform({ server }, world) {
    const former = world.facts.former.get(server);
    const files = former && relayFilesOf(former);
    if (former === undefined || files === undefined) throw new Fault('RELAY_LOG_UNKNOWN', { server });
    const directory = asideDirectory(settingsOf(world.settings, server), world.folder.id);
    const command = linkCommand(directory, files.base, files.index, former.state.dataDir);
    world.facts.asideOn.set(server, directory);
    const result = await world.shells.door(server).run(command, { deadlineMs: 4_000, signal: world.signal });
    if (result.code !== 0) {
      await world.shells.door(server).run(removeAsideCommand(directory), { deadlineMs: 4_000 });
      const purpose = 'keep the relay log of the newest replica for those that are behind';
      throw new Fault('SSH_COMMAND_FAILED', {
        host: server,
        status: result.code ?? 'a signal',
        message: result.stderr.trim(),
        purpose,
      });
    }
    const base = `${directory}/${files.base.slice(files.base.lastIndexOf('/') + 1)}`;
    world.facts.aside = { server, directory, base, index: `${directory}/index` };
  },
  show: ({ server }, { settings }) => [
    `on ${server}: ln RELAY-LOGS ${asideDirectory(settingsOf(settings, server), 'RUN')}/`,
  ],
};

/** Removes the links again. Called by the conductor when nobody can need them any more. */
export function removeAsideCommand(directory: string): string {
  return `[ ! -f ${shellWord(`${directory}/holder`)} ] || kill "$(cat ${shellWord(`${directory}/holder`)})"; rm -rf ${shellWord(directory)}`;
}
