import { shellWord } from '../model/shell-word.js';
import { newestBinlogScript } from './newest-binlog.js';

/** Where a server lives on its host: what a process must hold to be that server. */
export interface ServerPlace {
  readonly address: string;
  readonly port: number;
  /** As the server itself named it while it answered; undefined when it was never asked. */
  readonly dataDir?: string;
}

/** What is asked besides: each costs the host a little more. */
export interface HostExtras {
  /** Which unit runs each server, and which database unit is about to be started again. */
  readonly units?: boolean;
  /** Directory and base name of binary logs whose newest file is looked at in the same breath. */
  readonly binlogBase?: string;
}

/** The port as `/proc/net/tcp` prints it. */
export function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/*
 * POSIX sh on /proc alone: ss, lsof and fuser are not on every host. One grep reads all names, and only a process with a
 * server's name is looked at closely: nothing forks for each of a busy host's thousands. Servers under a dynamic
 * loader carry its name. The list counts as whole only when it names this shell as well; a grep that is missing, or was
 * given more names than fit, finds nobody. `-ef` compares device and inode: symbolic links and mount namespaces do not
 * mislead it. Where the directory is not known (a source that was dead before we came), a server that listens on
 * another port, and has not our binary log open, is another one: of several on a host, started from option files, no
 * more can be told. The binary logs come last: what has written to them was seen before.
 */
const script = `
port=$1 hex=$2 data=$3 units=$4 base=$5
exec 2>/dev/null
read -r self rest < /proc/self/stat
while read -r key real effective rest; do
  [ "$key" = Uid: ] && { echo "uid $effective"; break; }
done < "/proc/$self/status"
read -r uptime < /proc/uptime && echo "uptime $uptime"
[ -r /proc/net/tcp ] && echo 'net readable'
[ -n "$data" ] && [ -d "$data" ] && echo 'data there'
inodes=; owned=' '; seen=' '; services=; others=; log=
if [ -z "$data" ]; then
  while read -r n local remote state queue timer retry uid out inode rest; do
    [ -z "$inode" ] || [ "\${local##*:}" = "$hex" ] || others="$others $inode"
  done <<END
$(grep -hE "^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6)
END
  [ -z "$base" ] || log=$(cd "\${base%/*}" && pwd -P)/\${base##*/}
fi
listening=$(grep -hE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6)
[ -n "$listening" ] && while read -r n local remote state queue timer retry uid out inode rest; do
  echo "listener $n $local $remote $state $queue $timer $retry $uid $out $inode"; inodes="$inodes $inode"
done <<END
$listening
END
describe() {
  read -r stat < "/proc/$1/stat" || return
  name=\${stat#*\\(}; name=\${name%\\) *}
  echo "process $stat"
  if [ "/proc/$1/cwd" -ef "$data" ]; then echo 'cwd data'
  elif [ -e "/proc/$1/cwd" ]; then echo 'cwd other'; else echo 'cwd denied'; fi
  case "$name" in *sh|busybox|mysqld*|mariadbd*|ld-*|ld.*)
    printf 'cmd %.4096s\\n' "$(tr '\\000\\n' '\\t ' < "/proc/$1/cmdline")" ;;
  esac
  [ -z "$units" ] || serves "$1"
  return 0
}
serves() {
  while read -r group; do
    case "$group" in *.service*)
      group="\${group%.service*}"; group="\${group##*/}.service"
      echo "service $group"; services="$services $group"; break ;;
    esac
  done < "/proc/$1/cgroup"
}
owns() {
  [ -n "$inodes$others" ] || return 0
  open=$(ls -ln "/proc/$1/fd")
  for inode in $inodes; do
    case "$open" in *"socket:[$inode]"*) echo "owns $inode"; owned="$owned$inode " ;; esac
  done
  [ -z "$log" ] || case "$open" in *"-> $log."[0-9]*) return ;; esac
  for inode in $others; do
    case "$open" in *"socket:[$inode]"*) echo elsewhere; return ;; esac
  done
}
above() {
  set -- "$1" \${stat##*) }
  while [ "$3" -gt 0 ]; do
    case "$seen" in *" $3 "*) return ;; esac
    seen="$seen$3 "
    describe "$3" || return
    set -- "$3" \${stat##*) }
  done
}
read -r own < "/proc/$self/comm"
named=$(grep -lE "^(mysqld|mariadbd|ld[-.]|$own\\$)" /proc/[0-9]*/comm)
whole=
for entry in $named; do
  [ "$entry" = "/proc/$self/comm" ] && { whole=1; continue; }
  name=; read -r name < "$entry"
  case "$name" in mysqld*|mariadbd*|ld-*|ld.*) ;; *) continue ;; esac
  pid=\${entry#/proc/}; pid=\${pid%/comm}
  case "$seen" in *" $pid "*) continue ;; esac
  seen="$seen$pid "
  describe "$pid" || continue
  kill -0 "$pid" && echo 'may end'
  owns "$pid"
  above "$pid"
done
[ -n "$whole" ] && [ -r /proc/1/stat ] && echo 'proc visible'
strange=
for inode in $inodes; do
  case "$owned" in *" $inode "*) ;; *) strange="$strange|$inode" ;; esac
done
[ -n "$strange" ] && ls -ln /proc/[0-9]*/fd | grep -E "^/proc/|socket:\\[(\${strange#|})\\]" | {
  while read -r line; do
    case "$line" in
      /proc/*) pid=\${line#/proc/}; pid=\${pid%/fd:} ;;
      *) line=\${line##*socket:\\[}; describe "$pid" && echo "owns \${line%\\]}" ;;
    esac
  done; }
if [ -n "$units" ] && [ -d /run/systemd/system ]; then
  echo 'systemd yes'
  if [ -n "$services" ]; then
    systemctl show --no-pager -p Id -p MainPID $services | {
      id=; main=
      while read -r line; do case "$line" in
        Id=*) id=\${line#Id=} ;;
        MainPID=*) main=\${line#MainPID=} ;;
      esac; [ -n "$id" ] && [ -n "$main" ] && { echo "unit $main $id"; id=; main=; }; done; }
  else
    systemctl list-units --all --plain --no-legend --no-pager 'mysql*.service' 'mariadb*.service' |
      while read -r unit load active sub rest; do [ "$sub" = auto-restart ] && echo "restarting $unit"; done
  fi
fi
[ -z "$base" ] || newest "$base"
exit 0
`;

/** The command that describes, in lines, every process on the host that could be this server. */
export function hostScript(place: ServerPlace, extras: HostExtras = {}): string {
  const values = [
    String(place.port),
    hexPort(place.port),
    place.dataDir ?? '',
    extras.units === true ? 'yes' : '',
    extras.binlogBase ?? '',
  ];
  return `exec sh -c ${shellWord(newestBinlogScript + script)} sh ${values.map(shellWord).join(' ')}`;
}
