/**
 * Builders of settings and pictures for table tests: a sound cluster first, then what a case wants different.
 *
 *   const { settings, picture } = cluster()
 *     .source('a')
 *     .replica('b', { channel: { receiver: 'stopped' } })
 *     .replica('c', { settings: { noMaster: true }, state: { readOnly: false } })
 *     .dead('a')
 *     .build();
 */
import type {
  Channel,
  Picture,
  Reach,
  ReplicationFilters,
  ServerState,
  ServerVersion,
} from '../../src/model/picture.js';
import { Secret } from '../../src/model/secret.js';
import { type ClusterSettings, type ServerId, type ServerSettings, serverId } from '../../src/model/settings.js';

export const mariadb1011: ServerVersion = {
  vendor: 'mariadb',
  text: '10.11.14-MariaDB',
  major: 10,
  minor: 11,
  patch: 14,
};
export const mysql97: ServerVersion = { vendor: 'mysql', text: '9.7.0', major: 9, minor: 7, patch: 0 };

export const noFilters: ReplicationFilters = {
  doDb: '',
  ignoreDb: '',
  doTable: '',
  ignoreTable: '',
  wildDoTable: '',
  wildIgnoreTable: '',
  rewriteDb: '',
  doDomainIds: '',
  ignoreDomainIds: '',
  ignoreServerIds: '',
};

/** `a` gives `a:3306`. */
export function id(name: string): ServerId {
  return serverId(name, 3306);
}

export function serverSettings(name: string, changes: Partial<ServerSettings> = {}): ServerSettings {
  const port = changes.port ?? 3306;
  const number = name.charCodeAt(0) - 96;
  const address = changes.address ?? `10.0.0.${String(number)}`;
  return {
    id: serverId(name, port),
    block: `server${String(number)}`,
    hostname: name,
    address,
    port,
    ssh: { host: name, address, port: 22, user: 'root', options: '', connectTimeoutMs: 5000 },
    account: { user: 'mha', password: new Secret('secret') },
    candidateMaster: false,
    noMaster: false,
    ignoreFail: false,
    skipInitSshCheck: false,
    skipResetSlave: false,
    multiTierSlave: false,
    latestPriority: true,
    checkReplDelay: true,
    binlogDirs: ['/var/lib/mysql'],
    remoteWorkdir: '/var/tmp',
    pingIntervalMs: 3000,
    pingType: 'SELECT',
    hooks: {},
    ...changes,
  };
}

export function clusterSettings(
  servers: readonly ServerSettings[],
  changes: Partial<ClusterSettings> = {},
): ClusterSettings {
  return {
    app: 'app1',
    confFile: '/etc/mha/app1.cnf',
    servers,
    binlogServers: [],
    workdir: '/var/tmp',
    logLevel: 'info',
    checkReplFilter: true,
    requireCompleteRescue: false,
    switchDrainSeconds: 10,
    applierStallSeconds: 60,
    laggardFetchLimitBytes: 4096 * 1024 * 1024,
    minFreeDiskBytes: 256 * 1024 * 1024,
    hookTimeoutSeconds: 300,
    hookSecrets: 'arguments',
    ...changes,
  };
}

export function serverState(name: string, changes: Partial<ServerState> = {}): ServerState {
  const number = name.charCodeAt(0) - 96;
  return {
    version: mariadb1011,
    serverId: number,
    hostname: name,
    readOnly: false,
    logBin: true,
    logReplicaUpdates: true,
    relayLogPurge: true,
    relayLogRecovery: false,
    dataDir: '/var/lib/mysql/',
    binlogBase: '/var/lib/mysql/mysql-bin',
    relayLogBase: '/var/lib/mysql/relay-bin',
    relayLogIndex: '/var/lib/mysql/relay-bin.index',
    pidFile: '/run/mysqld/mysqld.pid',
    bindAddress: '*',
    netTimeoutSeconds: 60,
    binlogEnd: { file: 'mysql-bin.000003', position: 1000 },
    binlogDoDb: '',
    binlogIgnoreDb: '',
    gtid: {
      binlogPos: '0-1-100',
      slavePos: '',
      currentPos: '0-1-100',
      binlogState: '0-1-100',
      strictMode: true,
      domainId: 0,
      mode: '',
      executed: '',
      purged: '',
    },
    parallelThreads: 0,
    checkpointMs: 0,
    eventScheduler: false,
    channels: [],
    ...changes,
  };
}

/** A channel that runs and has everything, from the server of that name. */
export function channelFrom(source: string, changes: Partial<Channel> = {}): Channel {
  const place = { file: 'mysql-bin.000003', position: 1000 };
  return {
    name: '',
    sourceHost: source,
    sourcePort: 3306,
    sourceUser: 'repl',
    sourceServerId: source.charCodeAt(0) - 96,
    receiver: 'running',
    applier: 'running',
    received: place,
    executed: place,
    mode: 'coordinates',
    receivedGtid: '',
    receiverError: { number: 0, text: '' },
    applierError: { number: 0, text: '' },
    applierState: 'Slave has read all relay log; waiting for more updates',
    lag: 0,
    delaySeconds: 0,
    connectRetry: 60,
    heartbeatSeconds: 30,
    relayLogFile: 'relay-bin.000002',
    relayLogPosition: 500,
    relayLogSpace: 1000,
    filters: noFilters,
    ssl: {
      allowed: false,
      caFile: '',
      caPath: '',
      cert: '',
      cipher: '',
      key: '',
      verifyServerCert: false,
      crl: '',
      crlPath: '',
    },
    ...changes,
  };
}

export interface ServerChanges {
  readonly settings?: Partial<ServerSettings>;
  readonly state?: Partial<ServerState>;
}

export interface ReplicaChanges extends ServerChanges {
  /** The server followed; left out, the first source. */
  readonly of?: string;
  readonly channel?: Partial<Channel>;
}

export interface ClusterBuilder {
  source(name: string, changes?: ServerChanges): ClusterBuilder;
  replica(name: string, changes?: ReplicaChanges): ClusterBuilder;
  /** Nobody listens on its port any more; what replicas say of it stays. */
  dead(name: string): ClusterBuilder;
  reach(name: string, reach: Reach): ClusterBuilder;
  /** Changes of what belongs to the cluster as a whole. */
  with(changes: Partial<ClusterSettings>): ClusterBuilder;
  build(): { readonly settings: ClusterSettings; readonly picture: Picture };
}

interface Parts {
  readonly servers: readonly ServerSettings[];
  readonly reaches: ReadonlyMap<ServerId, Reach>;
  readonly changes: Partial<ClusterSettings>;
  readonly firstSource: string;
}

export function cluster(
  parts: Parts = { servers: [], reaches: new Map(), changes: {}, firstSource: 'a' },
): ClusterBuilder {
  const add = (name: string, state: ServerState, changes?: ServerChanges): Parts => {
    const settings = serverSettings(name, changes?.settings);
    const reaches = new Map(parts.reaches).set(settings.id, { kind: 'answered', state });
    return { ...parts, servers: [...parts.servers, settings], reaches };
  };
  const withReach = (name: string, reach: Reach): ClusterBuilder => {
    const server = parts.servers.find(({ hostname }) => hostname === name);
    if (server === undefined) throw new Error(`${name} is not in the cluster yet`);
    return cluster({ ...parts, reaches: new Map(parts.reaches).set(server.id, reach) });
  };
  return {
    source: (name, changes) => {
      const next = add(name, serverState(name, changes?.state), changes);
      return cluster({ ...next, firstSource: parts.servers.length === 0 ? name : parts.firstSource });
    },
    replica: (name, changes) => {
      const channels = [channelFrom(changes?.of ?? parts.firstSource, changes?.channel)];
      return cluster(add(name, serverState(name, { readOnly: true, channels, ...changes?.state }), changes));
    },
    dead: (name) => withReach(name, { kind: 'port-refused', message: 'connect ECONNREFUSED' }),
    reach: withReach,
    with: (changes) => cluster({ ...parts, changes: { ...parts.changes, ...changes } }),
    build: () => ({
      settings: clusterSettings(parts.servers, parts.changes),
      picture: { takenAt: 0, servers: parts.reaches },
    }),
  };
}
