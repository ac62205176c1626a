import { shellWord } from '../model/shell-word.js';

/** Where a server lives on its host: what a process must hold to be that server. */
export interface ServerPlace {
  readonly address: string;
  readonly port: number;
  /** As the server itself named it while it answered; undefined when it was never asked. */
  readonly dataDir?: string;
}

/** The port as `/proc/net/tcp` prints it. */
export function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/*
 * POSIX sh on /proc alone: ss, lsof and fuser are not on every host. Built-ins do the walk, since a fork per process
 * would take seconds on a busy host. Names are written with a bracket (`mysql[d]`), so that neither this shell nor
 * its grep is found by them. `-ef` compares device and inode: symbolic links and mount namespaces do not mislead it.
 */
const script = `
port=$1 hex=$2 data=$3
exec 2>/dev/null
echo "uid $(id -u)"
read -r uptime < /proc/uptime && echo "uptime $uptime"
[ -r /proc/1/stat ] && echo 'proc visible'
[ -r /proc/net/tcp ] && echo 'net readable'
[ -n "$data" ] && [ -d "$data" ] && echo 'data there'
listening=$(cat /proc/net/tcp /proc/net/tcp6 | grep -E "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F]+:0000 0A ")
inodes=$(echo "$listening" | while read -r n local remote state queue timer retry uid out inode rest; do
  [ -n "$inode" ] && echo "$inode"; done)
[ -n "$listening" ] && echo "$listening" | while read -r line; do echo "listener $line"; done
seen=' '; owned=' '; units=
show() {
  case "$seen" in *" $1 "*) return ;; esac
  seen="$seen$1 "
  read -r stat < "/proc/$1/stat" || return
  echo "process $stat"
  if [ "/proc/$1/cwd" -ef "$data" ]; then echo 'cwd data'
  elif [ -e "/proc/$1/cwd" ]; then echo 'cwd other'; else echo 'cwd denied'; fi
  echo "cmd $(head -c 4096 "/proc/$1/cmdline" | tr '\\000\\n' '\\t ')"
  owns "$1"
  while read -r group; do
    case "$group" in *.service*)
      group="\${group%.service*}"; group="\${group##*/}.service"
      echo "service $group"; units="$units $group"; break ;;
    esac
  done < "/proc/$1/cgroup"
  set -- \${stat##*) }
  [ "$2" -gt 0 ] && show "$2"
}
owns() {
  [ -n "$inodes" ] || return
  open=$(ls -l "/proc/$1/fd")
  for inode in $inodes; do
    case "$open" in *"socket:[$inode]"*) echo "owns $inode"; owned="$owned$inode " ;; esac
  done
}
listed=" $(grep -lE 'mysql[d]|mariadb[d]' /proc/[0-9]*/cmdline | tr '\\n' ' ')"
for entry in /proc/[0-9]*; do
  [ "$entry/cwd" -ef "$data" ] && { show "\${entry#/proc/}"; continue; }
  name=; read -r name < "$entry/comm"
  case "$name" in mysql[d]*|mariadb[d]*) show "\${entry#/proc/}"; continue ;; esac
  case "$listed" in *" $entry/cmdline "*) show "\${entry#/proc/}" ;; esac
done
for inode in $inodes; do
  case "$owned" in *" $inode "*) continue ;; esac
  for entry in /proc/[0-9]*; do
    case "$(ls -l "$entry/fd")" in *"socket:[$inode]"*) show "\${entry#/proc/}" ;; esac
  done
done
[ -d /run/systemd/system ] || exit 0
echo 'systemd yes'
if [ -n "$units" ]; then
  systemctl show --no-pager -p Id -p MainPID $units | {
    id=; main=
    while read -r line; do case "$line" in
      Id=*) id=\${line#Id=} ;;
      MainPID=*) main=\${line#MainPID=} ;;
    esac; [ -n "$id" ] && [ -n "$main" ] && { echo "unit $main $id"; id=; main=; }; done; }
else
  systemctl list-units --all --plain --no-legend --no-pager 'mysql*.service' 'mariadb*.service' |
    while read -r unit load active sub rest; do [ "$sub" = auto-restart ] && echo "restarting $unit"; done
fi
exit 0
`;

/** The command that describes, in lines, every process on the host that could be this server. */
export function hostScript(place: ServerPlace): string {
  const values = [String(place.port), hexPort(place.port), place.dataDir ?? ''];
  return `exec sh -c ${shellWord(script)} sh ${values.map(shellWord).join(' ')}`;
}
