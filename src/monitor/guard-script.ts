import { shellWord } from '../model/shell-word.js';
import { kernelAddresses } from './address.js';
import { hexPort, type ServerPlace } from './host-script.js';

/*
 * Walks /proc with built-ins some thirty times a second and kills a database server that holds the data directory or
 * the port. Every other server is looked at again each time: one that has just been started holds neither yet. What it
 * says, a line each:
 *   watching PID             it runs, and this is its pid
 *   killed PID START | PID START NAME | ...    a server and its ancestors, nearest first
 *   denied PID NAME          it may not kill that one
 *   clear / held             nobody holds the place / a port is held that no server process explains
 * A server needs a tenth of a second from its start to its open port, so looking less often could be too late, and on a
 * loaded host the guard needs to come first. As long as the kernel has given out no process or thread number but that
 * of our own sleep, nothing can have started (a server that takes over an old number makes threads at once), and the
 * walk is left out.
 * The dot it prints each second ends it when nobody reads any more: closing an SSH channel does not end the command
 * (OpenSSH 9.2), a write to its closed pipe does.
 */
const script = `
pattern=$1 data=$2 known=$3 mode=$4
exec 2>/dev/null
listening() { grep -hE "^ *[0-9]+: ($pattern) [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6; }
owns() {
  [ -n "$looked" ] || { lines=$(listening); looked=1; }
  [ -n "$lines" ] || return 1
  open=$(ls -l "/proc/$1/fd")
  echo "$lines" | { while read -r n local remote state queue timer retry uid out inode rest; do
    case "$open" in *"socket:[$inode]"*) exit 0 ;; esac; done; exit 1; }
}
mine() {
  [ -n "$data" ] && [ "/proc/$1/cwd" -ef "$data" ] && return 0
  [ "$1.$2" = "$known" ] && return 0
  owns "$1"
}
chain() {
  line="killed $1"; next=$1; first=1
  while [ "$next" -gt 0 ]; do
    read -r stat < "/proc/$next/stat" || break
    name=\${stat#*\\(}; name=\${name%\\) *}
    set -- \${stat##*) }
    if [ -n "$first" ]; then line="$line \${20}"; first=; else line="$line | $next \${20} $name"; fi
    next=$2
  done
}
trap 'exit 0' TERM INT HUP
[ "$mode" = detached ] && trap '' HUP
renice -n -15 -p $$ > /dev/null
echo "watching $$"
told= beat=0 last= sleeper=none stir=0
while :; do
  newest=; read -r one five fifteen running newest < /proc/loadavg
  [ -n "$newest" ] && [ "$newest" = "$sleeper" ] || stir=60
  stir=$((stir - 1))
  held= looked=
  [ "$stir" -le 0 ] || for entry in /proc/[0-9]*; do
    name=; read -r name < "$entry/comm" || continue
    case "$name" in mysql[d]|mysql[d][-.]*|mariadb[d]|mariadb[d][-.]*|ld-*|ld.*) ;; *) continue ;; esac
    case "$name" in mariadb[d]-safe*) continue ;; esac
    pid=\${entry#/proc/}
    read -r stat < "$entry/stat" || continue
    set -- \${stat##*) }
    case "$1" in Z|X) continue ;; esac
    start=\${20}
    mine "$pid" "$start" || continue
    held=1; told=
    [ "$last" = "$pid.$start" ] || chain "$pid"
    if kill -9 "$pid"; then
      [ "$last" = "$pid.$start" ] || echo "$line"
    else
      [ "$last" = "$pid.$start" ] || { [ -d "$entry" ] && echo "denied $pid $name"; }
    fi
    last="$pid.$start"
  done
  if [ -z "$held" ] && [ -z "$told" ]; then
    if listening > /dev/null; then [ "$told" = held ] || { echo held; told=held; }; else echo clear; told=clear; fi
  elif [ -z "$held" ] && [ "$told" = held ]; then
    listening > /dev/null || { echo clear; told=clear; }
  fi
  beat=$((beat + 1))
  [ "$beat" -ge 30 ] && { beat=0; [ "$mode" = detached ] || echo . || exit 0; }
  sleep 0.03 & sleeper=$!
  wait "$sleeper" || sleep 1
done
`;

/** What the guard must kill. */
export interface GuardTarget {
  readonly place: ServerPlace;
  /** The process that was the source, where it may still run without showing what it holds. */
  readonly known?: { readonly pid: number; readonly startTime: string };
}

function guardWords({ place, known }: GuardTarget, mode: 'attached' | 'detached'): string {
  const pattern = kernelAddresses(place.address)
    .map((address) => `${address}:${hexPort(place.port)}`)
    .join('|');
  const was = known === undefined ? '' : `${String(known.pid)}.${known.startTime}`;
  const values = [pattern, place.dataDir ?? '', was, mode];
  return `sh -c ${shellWord(script)} mha-ts-guard ${values.map(shellWord).join(' ')}`;
}

/** The guard that lives as long as somebody reads what it says. */
export function guardCommand(target: GuardTarget): string {
  return `exec ${guardWords(target, 'attached')}`;
}

/** Files of a guard that outlives the SSH connection, in the host's work directory. */
export function guardFiles(remoteWorkdir: string, port: number): { readonly pid: string; readonly log: string } {
  const stem = `${remoteWorkdir.replace(/\/+$/, '')}/mha-ts-guard-${String(port)}`;
  return { pid: `${stem}.pid`, log: `${stem}.log` };
}

/**
 * Starts a guard that stays when the connection ends; answers with its pid once it runs. One that could not be seen to run
 * (a full disk takes neither its log nor its pid) is ended again: nobody would know of it, nor how to end it.
 */
export function detachCommand(target: GuardTarget, remoteWorkdir: string): string {
  const { pid, log } = guardFiles(remoteWorkdir, target.place.port);
  const start = `umask 077; mkdir -p ${shellWord(remoteWorkdir)}; ${endGuardCommand(remoteWorkdir, target.place.port)};
    command -v setsid > /dev/null && own=setsid || own=nohup
    $own ${guardWords(target, 'detached')} < /dev/null > ${shellWord(log)} 2>&1 &
    echo $! > ${shellWord(pid)}
    for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      grep -q "^watching $!$" ${shellWord(log)} && { echo "watching $!"; exit 0; }
      sleep 0.1 || sleep 1
    done
    kill $!; rm -f ${shellWord(pid)}
    exit 1`;
  return `exec sh -c ${shellWord(start)}`;
}

/** Ends a guard that was left behind. Its pid file may be older than the machine's last start: the name is checked. */
export function endGuardCommand(remoteWorkdir: string, port: number): string {
  const file = shellWord(guardFiles(remoteWorkdir, port).pid);
  return `if [ -e ${file} ]; then grep -q mha-ts-guard "/proc/$(cat ${file})/cmdline" && kill "$(cat ${file})"; rm -f ${file}; fi`;
}
