/**
 * The shell texts that run as process 1 of the lab and of each host. `/proc` is still the machine's own when they
 * start, so `/proc/self/stat` tells the process number as the machine counts it; it is printed once all is ready.
 *
 * Process 1 must reap what is left to it. A process that ignores SIGCHLD has its children reaped by the kernel
 * (wait(2), NOTES), and the disposition survives exec: no init program is needed.
 */
const reaping = 'exec env --ignore-signal=CHLD';

/** The lab: a network namespace with a bridge. Its standard input is a pipe from us; when we die it ends, and all with it. */
export const labScript = `set -e
read -r pid rest </proc/self/stat
ip link add br0 type bridge
ip link set br0 up
echo "$pid"
${reaping} cat >/dev/null
`;

/**
 * A host, from: LAB (process of the lab), NAME, ADDRESS, FOLDER, PRIVATE (folders it has for itself), VISIBLE (paths
 * below those that stay as they are). The account of root may be locked on this machine, which sshd would refuse.
 */
export const hostScript = `set -e
read -r pid rest </proc/self/stat
ip link add eth0 type veth peer name "v-$NAME" netns "/proc/$LAB/ns/net"
nsenter --net="/proc/$LAB/ns/net" ip link set "v-$NAME" master br0 up
printf 'link set lo up\\naddr add %s/24 dev eth0\\nlink set eth0 up\\n' "$ADDRESS" | ip -batch -
echo "$NAME" >/proc/sys/kernel/hostname
for place in $PRIVATE; do mkdir -p "$FOLDER/private$place"; done
chmod 700 "$FOLDER/private/root"
mkdir -p "$FOLDER/private/run/sshd"
for path in $VISIBLE; do
  mkdir -p "$FOLDER/private$path"
  mount --bind "$path" "$FOLDER/private$path"
done
for place in $PRIVATE; do mount --rbind "$FOLDER/private$place" "$(readlink -f "$place")"; done
sed 's/^root:[^:]*:/root:*:/' /etc/shadow >"$FOLDER/shadow"
chmod 600 "$FOLDER/shadow"
mount --bind "$FOLDER/shadow" /etc/shadow
mount --bind "$FOLDER/../hosts" /etc/hosts
mount -t proc proc /proc
cd /
echo "$pid"
${reaping} sleep infinity
`;
