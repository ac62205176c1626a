/**
 * Programs that tell the neighbours where an address is now (RFC 5227, section 3: an ARP announcement), in the order in
 * which they are tried. Without one, each neighbour goes on sending to the old host until its own entry has grown old,
 * which takes tens of seconds. Perl or Python is on nearly every host; neither needs a module.
 */
export interface Announcer {
  readonly program: string;
  readonly argv: (networkInterface: string, address: string) => readonly string[];
}

/** Both forms, as some neighbours only heed one; three times, as a broadcast may get lost. */
const python = `import socket,sys,time
s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)
s.bind((sys.argv[1],0))
m=s.getsockname()[4]
i=socket.inet_aton(sys.argv[2])
for n in range(3):
  for o in b"\\1",b"\\2": s.send(b"\\xff"*6+m+b"\\x08\\x06\\0\\x01\\x08\\0\\x06\\x04\\0"+o+m+i+b"\\xff"*6+i)
  time.sleep(0.1)`;

/** 17 is AF_PACKET and 3 SOCK_RAW; the ioctls are SIOCGIFINDEX and SIOCGIFHWADDR of linux/sockios.h, on a struct of 40 bytes. */
const perl = `use strict;
my ($name, $address) = @ARGV;
socket(my $s, 17, 3, 0) or die "socket: $!\\n";
my $r = pack("a16 x24", $name);
ioctl($s, 0x8933, $r) or die "$name: $!\\n";
my $to = pack("S n i S C C a8", 17, 0x0806, unpack("x16 i", $r), 0, 0, 6, "\\xff" x 6);
$r = pack("a16 x24", $name);
ioctl($s, 0x8927, $r) or die "$name: $!\\n";
my $mac = unpack("x18 a6", $r);
my $ip = pack("C4", split(/\\./, $address));
for (1 .. 3) {
  for my $kind (1, 2) {
    my $arp = pack("n n C C n", 1, 0x0800, 6, 4, $kind) . $mac . $ip . "\\xff" x 6 . $ip;
    send($s, "\\xff" x 6 . $mac . "\\x08\\x06" . $arp, 0, $to) or die "send: $!\\n";
  }
  select(undef, undef, undef, 0.1);
}`;

export const announcers: readonly Announcer[] = [
  {
    program: 'arping',
    argv: (networkInterface, address) => ['arping', '-q', '-c', '2', '-U', '-I', networkInterface, address],
  },
  { program: 'perl', argv: (networkInterface, address) => ['perl', '-e', perl, networkInterface, address] },
  { program: 'python3', argv: (networkInterface, address) => ['python3', '-c', python, networkInterface, address] },
];
