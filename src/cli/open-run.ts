import type { RunPorts, SourceInQuestion } from '../failover/hand.js';
import type { ServerSettings } from '../model/settings.js';
import { keepDown } from '../monitor/keep-down.js';
import { knock } from '../monitor/knock.js';
import type { SourceRecord } from '../monitor/source-record.js';
import type { Fence } from '../ports/fence.js';
import type { ClusterHooks } from '../ports/hooks.js';
import type { RunFolder, Workdir } from '../ports/workdir.js';
import { type Bus, createBus } from '../report/bus.js';
import type { Parts } from './parts.js';
import { sshPlaceOf } from './ssh-place.js';

/** A run's own things: its folder, its events and its view of the world. */
export interface OpenRun {
  readonly folder: RunFolder;
  readonly bus: Bus;
  readonly ports: RunPorts;
}

export interface RunSubject {
  readonly command: string;
  readonly source: SourceInQuestion;
  /** Where its data is, as it said itself while it answered. */
  readonly dataDir?: string;
  /** What ran it while it answered. */
  readonly record?: SourceRecord;
  /** Nobody got a shell on its host while its death was looked into. */
  readonly wasSilent?: true;
}

export async function openRun(
  parts: Parts,
  workdir: Workdir,
  hooks: ClusterHooks,
  subject: RunSubject,
): Promise<OpenRun> {
  const folder = await workdir.startRun(subject.command);
  const bus = createBus(parts.settings.app, folder.id, parts.clock, (error) => {
    process.stderr.write(`a listener failed: ${String(error)}\n`);
  });
  const ports: RunPorts = {
    clock: parts.clock,
    servers: parts.servers,
    shells: parts.shells,
    recovery: parts.recovery(),
    fence: fenceFor(parts, subject),
    hooks,
    addresses: parts.addresses,
    events: bus,
    folder,
  };
  return { folder, bus, ports };
}

export function fenceFor(parts: Parts, subject: Omit<RunSubject, 'command'>): Fence {
  const { source, dataDir, record, wasSilent } = subject;
  const server = serverOf(parts, source.id);
  const ssh = sshPlaceOf(server);
  return keepDown(
    {
      server: source.id,
      place: { address: server.address, port: server.port, ...(dataDir === undefined ? {} : { dataDir }) },
      ...(record === undefined ? {} : { record }),
      ...(source.binlogBase === undefined ? {} : { binlogBase: source.binlogBase }),
      remoteWorkdir: server.remoteWorkdir,
      ...(ssh === undefined ? {} : { ssh }),
      ...(wasSilent === undefined ? {} : { wasSilent }),
    },
    { door: parts.shells.door(source.id), knock, clock: parts.clock },
  );
}

function serverOf(parts: Parts, id: SourceInQuestion['id']): ServerSettings {
  const server = parts.settings.servers.find((one) => one.id === id);
  if (server === undefined) throw new Error(`bug: ${id} is not configured`);
  return server;
}
