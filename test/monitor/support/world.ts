import { Duplex } from 'node:stream';
import type { Channel } from '../../../src/model/picture.js';
import { serverId } from '../../../src/model/settings.js';
import type { WatchPorts, WatchSubject } from '../../../src/monitor/watch.js';
import type { PortSight } from '../../../src/ports/knock.js';
import type { Ping, PingAnswer, PingOpening } from '../../../src/ports/ping.js';
import type { Door, PortProbe } from '../../../src/ports/shell.js';
import { channel } from './channel.js';
import { type FakeClock, fakeClock } from './fake-clock.js';

export const source = { id: serverId('db1', 3306), hostname: 'db1', address: '10.0.0.1', port: 3306 };
const replicas = [serverId('db2', 3306), serverId('db3', 3306)];

const head = 'uid 0\nuptime 9999 1\nproc visible\nnet readable\n';
/** What the probe's script prints on the source's host. */
export const reports = {
  gone: head,
  running: `${head}process 9 (mariadbd) S 1 ${'0 '.repeat(17)}500 0\ncwd data\ncmd mariadbd\t\n`,
};

/** One scripted world: tests change it, everything the watch asks is answered from it. */
export interface World {
  readonly clock: FakeClock;
  readonly ports: WatchPorts;
  readonly subject: WatchSubject;
  readonly statuses: (readonly [number, number])[];
  readonly notes: string[];
  /** How the source answers a connect. */
  opening: Exclude<PingOpening['kind'], 'open'> | 'open' | 'hangs';
  /** How an open connection answers a check; `hangs` fails at its deadline. */
  check: PingAnswer['kind'] | 'hangs';
  lock: 'taken' | 'held-elsewhere' | 'failed';
  port: PortSight;
  /** The SSH port of its host. */
  sshPort: PortSight;
  /** What the source's host says; undefined: no shell. */
  host: string | undefined;
  /** Its sshd's packets are lost: nobody says that there is no shell before the deadline. */
  hostHangs: boolean;
  /** What a replica's host sees of the source's port. */
  seen: PortProbe;
  /** The replicas' channel; undefined: they do not answer. */
  channel: Channel | undefined;
  script: 'permits' | 'objects';
  scriptCalls: number;
  opened: number;
  /** Breaks the open connection. */
  breakConnection(): void;
}

function speaking(): Duplex {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  stream.push('greeting');
  return stream;
}

function pingOf(world: World, onBreak: (wake: (reason: string) => void) => void): Ping {
  const { clock } = world;
  let wake: (reason: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    wake = resolve;
  });
  onBreak(wake);
  return {
    lost,
    check: async (deadlineMs) => {
      if (world.check === 'hangs') await clock.sleep(deadlineMs);
      if (world.check === 'ok') return { kind: 'ok' };
      if (world.check === 'refused-us') return { kind: 'refused-us', errno: 1203, message: 'too many' };
      return { kind: 'failed', message: 'no answer to the check' };
    },
    takeLock: () => Promise.resolve(world.lock),
    close: () => undefined,
  };
}

function doorOf(world: World, isSource: boolean): Door {
  const unused = (): Promise<never> => Promise.reject(new Error('not used here'));
  return {
    host: 'host',
    open: () => Promise.resolve(),
    run: async (_, { deadlineMs }) => {
      if (isSource && world.hostHangs) await world.clock.sleep(deadlineMs);
      if (isSource && world.host !== undefined) return Promise.resolve({ code: 0, stdout: world.host, stderr: '' });
      return Promise.reject(new Error('no route to host'));
    },
    read: unused,
    connectFrom: unused,
    probePort: unused,
    reachFrom: () => {
      if (world.channel === undefined) return unused();
      return Promise.resolve(world.seen === 'open' ? speaking() : world.seen);
    },
    listenOn: unused,
    close: () => undefined,
  };
}

export function makeWorld(over: { readonly script?: boolean; readonly shutdown?: boolean } = {}): World {
  const clock = fakeClock();
  let breakIt: (reason: string) => void = () => undefined;
  const world: World = {
    clock,
    statuses: [],
    notes: [],
    opening: 'open',
    check: 'ok',
    lock: 'taken',
    port: 'speaks',
    sshPort: 'speaks',
    host: reports.running,
    hostHangs: false,
    seen: 'open',
    channel: channel(),
    script: 'permits',
    scriptCalls: 0,
    opened: 0,
    breakConnection: () => breakIt('the connection was reset'),
    subject: {
      source: { ...source, dataDir: '/var/lib/mysql', ssh: { address: source.address, port: 22 } },
      replicas,
      intervalMs: 1_000,
      policy: { missesForDeath: 4, hasShutdownScript: over.shutdown === true },
    },
    ports: {
      clock,
      events: {
        emit: (happening) => {
          if (happening.kind === 'note') world.notes.push(happening.text);
        },
      },
      workdir: {
        status: (code) => {
          world.statuses.push([clock.now(), code]);
          return Promise.resolve();
        },
      },
      servers: {
        channels: () =>
          world.channel === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve([world.channel]),
        reach: () => Promise.resolve({ kind: 'no-answer', message: 'not asked' }),
      },
      shells: { door: (id) => doorOf(world, id === source.id) },
      knock: (_address, port) => Promise.resolve(port === 22 ? world.sshPort : world.port),
      openPing: async (deadlineMs): Promise<PingOpening> => {
        world.opened += 1;
        if (world.opening === 'hangs') await clock.sleep(deadlineMs);
        switch (world.opening) {
          case 'open':
            return { kind: 'open', ping: pingOf(world, (wake) => (breakIt = wake)) };
          case 'refused-us':
            return { kind: 'refused-us', errno: 1040, message: 'too many connections' };
          case 'port-refused':
            return { kind: 'port-refused', message: 'connection refused' };
          case 'hangs':
          case 'no-answer':
            return { kind: 'no-answer', message: 'no answer to the connect' };
        }
      },
      ...(over.script === true
        ? {
            askScript: () => {
              world.scriptCalls += 1;
              return Promise.resolve(world.script);
            },
          }
        : {}),
    },
  };
  return world;
}

/** mariadbd is killed: its host refuses the port and has no such process. */
export function kill(world: World): void {
  world.opening = 'port-refused';
  world.port = 'refused';
  world.host = reports.gone;
  world.seen = 'refused';
  world.channel = channel({ receiver: 'connecting' });
  world.breakConnection();
}

/** The machine is gone: nobody reaches anything of it. */
export function vanish(world: World): void {
  world.opening = 'hangs';
  world.check = 'hangs';
  world.port = 'no-answer';
  world.sshPort = 'no-answer';
  world.host = undefined;
  world.seen = 'no-answer';
}
