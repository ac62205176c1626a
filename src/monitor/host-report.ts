import type { Coordinates } from '../model/coordinates.js';
import { formatAddress } from './address.js';
import { parseNewest } from './newest-binlog.js';

/** A process as its host described it. Identity is pid and start time together: a pid alone is reused. */
export interface HostProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly parent: number;
  /** `R`, `S`, `D`, `T`, `Z`...: proc(5), field 3 of stat. */
  readonly state: string;
  readonly name: string;
  /** Is the data directory its working directory? Database servers change into it when they start. */
  readonly cwd: 'data' | 'other' | 'denied';
  readonly words: readonly string[];
  /** Inodes of the listening sockets that it holds open. */
  readonly sockets: readonly string[];
  /** Listens on another port, and does not hold our binary log; looked for only where our data directory is not known. */
  readonly elsewhere?: true;
  /** The SSH user may send it signals. */
  readonly mayEnd?: true;
  readonly service?: string;
}

export interface Listener {
  readonly address: string;
  readonly inode: string;
}

/** Everything the probe's script said, unjudged. */
export interface HostReport {
  readonly root: boolean;
  readonly processesVisible: boolean;
  readonly socketsVisible: boolean;
  readonly dataDirThere: boolean;
  readonly systemd: boolean;
  /** Zero when the host does not say. */
  readonly uptimeSeconds: number;
  /** Listeners on the port, on whatever address. */
  readonly listeners: readonly Listener[];
  readonly processes: readonly HostProcess[];
  /** Main pid to unit name, of the units that the processes belong to. */
  readonly units: ReadonlyMap<number, string>;
  /** Database units that systemd is about to start again. */
  readonly restarting: readonly string[];
  /** The newest binary log on its disk, looked at after the processes; undefined when it was not asked or not readable. */
  readonly newestBinlog?: Coordinates;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `/proc/PID/stat`: the name is in parentheses and may hold blanks and parentheses itself. */
function parseStat(text: string): Mutable<HostProcess> | undefined {
  const match = /^(\d+) \((.*)\) (.*)$/s.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
  const [state = '?', parent = '0', ...rest] = match[3].split(' ');
  const startTime = rest[17] ?? '';
  const name = match[2];
  return {
    pid: Number(match[1]),
    startTime,
    parent: Number(parent),
    state,
    name,
    cwd: 'denied',
    words: [],
    sockets: [],
  };
}

/** A line of `/proc/net/tcp`: number, local address, remote address, state, queues, timers, retries, uid, 0, inode. */
function parseListener(text: string): Listener | undefined {
  const fields = text.trim().split(/\s+/);
  const address = fields[1]?.split(':')[0];
  const inode = fields[9];
  return address === undefined || inode === undefined ? undefined : { address: formatAddress(address), inode };
}

function parseUnit(text: string): readonly [number, string] | undefined {
  const [pid, unit] = text.split(' ');
  return unit === undefined || pid === '0' ? undefined : [Number(pid), unit];
}

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}

function parseProcesses(lines: readonly (readonly [string, string])[]): readonly HostProcess[] {
  const found: Mutable<HostProcess>[] = [];
  let last: Mutable<HostProcess> | undefined;
  for (const [key, value] of lines) {
    if (key === 'process') {
      const parsed = parseStat(value);
      // Once as an ancestor, once more as the owner of a socket.
      last = found.find(({ pid }) => pid === parsed?.pid) ?? parsed;
      if (last !== undefined && last === parsed) found.push(last);
      continue;
    }
    if (last === undefined) continue;
    if (key === 'cwd' && (value === 'data' || value === 'other' || value === 'denied')) last.cwd = value;
    if (key === 'cmd') last.words = value.split('\t').filter((word) => word !== '');
    if (key === 'owns') last.sockets = [...last.sockets, value];
    if (key === 'elsewhere') last.elsewhere = true;
    if (key === 'may' && value === 'end') last.mayEnd = true;
    if (key === 'service') last.service = value;
  }
  return found;
}

/** Reads the script's lines. What is missing in them stays "not visible": an empty answer proves nothing. */
export function parseHostReport(text: string): HostReport {
  const lines = text.split('\n').map((line) => {
    const blank = line.indexOf(' ');
    return blank < 0 ? ([line, ''] as const) : ([line.slice(0, blank), line.slice(blank + 1)] as const);
  });
  const said = (key: string, value: string): boolean => lines.some(([k, v]) => k === key && v === value);
  const all = (key: string): readonly string[] => lines.filter(([k]) => k === key).map(([, value]) => value);
  const newest = parseNewest(all('newest')[0]);
  return {
    ...(newest === undefined ? {} : { newestBinlog: newest }),
    root: said('uid', '0'),
    processesVisible: said('proc', 'visible'),
    socketsVisible: said('net', 'readable'),
    dataDirThere: said('data', 'there'),
    systemd: said('systemd', 'yes'),
    uptimeSeconds: Number.parseFloat(all('uptime')[0] ?? '0'),
    listeners: present(all('listener').map(parseListener)),
    processes: parseProcesses(lines),
    units: new Map(present(all('unit').map(parseUnit))),
    restarting: all('restarting'),
  };
}
