import type { Contender } from '../../src/failover/election.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import type { Channel, ServerState } from '../../src/model/picture.js';
import { Secret } from '../../src/model/secret.js';
import { type ServerSettings, serverId } from '../../src/model/settings.js';

export function at(text: string): Coordinates {
  const [file = '', position = ''] = text.split(':');
  return { file: `bin.${file.padStart(6, '0')}`, position: Number(position) };
}

export function settings(name: string, changes: Partial<ServerSettings> = {}): ServerSettings {
  return {
    id: serverId(name, 3306),
    block: name,
    hostname: name,
    address: '192.0.2.1',
    port: 3306,
    ssh: { host: name, address: '192.0.2.1', port: 22, user: 'root', options: '', connectTimeoutMs: 5000 },
    account: { user: 'mha', password: new Secret('x') },
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

export function state(changes: Partial<ServerState> = {}): ServerState {
  return {
    version: { vendor: 'mariadb', text: '10.11.19-MariaDB', major: 10, minor: 11, patch: 19 },
    serverId: 2,
    hostname: 'db',
    readOnly: true,
    logBin: true,
    logReplicaUpdates: false,
    relayLogPurge: true,
    relayLogRecovery: false,
    dataDir: '/data',
    relayLogBase: '/data/relay',
    relayLogIndex: '/data/relay.index',
    pidFile: '/data/pid',
    bindAddress: '',
    netTimeoutSeconds: 60,
    binlogDoDb: '',
    binlogIgnoreDb: '',
    gtid: {
      binlogPos: '',
      slavePos: '',
      currentPos: '',
      binlogState: '',
      strictMode: false,
      domainId: 0,
      mode: '',
      executed: '',
      purged: '',
    },
    parallelThreads: 0,
    eventScheduler: false,
    channels: [],
    ...changes,
  };
}

export function channel(changes: Partial<Channel> = {}): Channel {
  return {
    name: '',
    sourceHost: 'db1',
    sourcePort: 3306,
    sourceUser: 'repl',
    sourceServerId: 1,
    receiver: 'running',
    applier: 'running',
    mode: 'coordinates',
    receivedGtid: '',
    receiverError: { number: 0, text: '' },
    applierError: { number: 0, text: '' },
    applierState: '',
    lag: 0,
    delaySeconds: 0,
    connectRetry: 60,
    relayLogFile: 'relay.000001',
    relayLogPosition: 4,
    relayLogSpace: 4,
    filters: {
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
    },
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

interface ContenderChanges {
  readonly received?: string;
  readonly executed?: string;
  readonly settings?: Partial<ServerSettings>;
  readonly state?: Partial<ServerState>;
  readonly channel?: Partial<Channel>;
}

/** A replica `name` that has received and executed up to the given places (`executed` left out: the same place). */
export function contender(name: string, changes: ContenderChanges = {}): Contender {
  const received = changes.received ?? '1:1000';
  return {
    server: serverId(name, 3306),
    settings: settings(name, changes.settings),
    state: state(changes.state),
    channel: channel({ received: at(received), executed: at(changes.executed ?? received), ...changes.channel }),
  };
}
