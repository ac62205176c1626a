import { Fault } from '../model/fault.js';
import type { ClusterSettings, ServerSettings } from '../model/settings.js';
import { type Lookup, resolveName, systemLookup } from './addresses.js';

/**
 * The server that a person named: by hostname, address or node_label, with `:PORT` or without, or by any name that
 * resolves to its address. Throws SERVER_UNKNOWN or SERVER_AMBIGUOUS, both listing HOST:PORT.
 */
export async function findServer(
  settings: ClusterSettings,
  name: string,
  look: Lookup = systemLookup,
): Promise<ServerSettings> {
  const written = name.trim();
  const direct = settings.servers.filter((server) => matches(server, written));
  if (direct.length > 0) return only(direct, written);
  const { host, port } = splitPort(written);
  const resolved = host === '' ? undefined : await resolveName(host, look);
  const byAddress = settings.servers.filter(
    (server) =>
      resolved?.kind === 'found' && server.address === resolved.address && (port === undefined || server.port === port),
  );
  if (byAddress.length > 0) return only(byAddress, written);
  throw new Fault('SERVER_UNKNOWN', { name: written, known: settings.servers.map((server) => server.id) });
}

function only(found: readonly ServerSettings[], name: string): ServerSettings {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    throw new Fault('SERVER_AMBIGUOUS', { name, matching: found.map((server) => server.id) });
  }
  return first;
}

function matches(server: ServerSettings, written: string): boolean {
  if (written !== '' && server.nodeLabel === written) return true;
  if (isNamed(server, written)) return true;
  const { host, port } = splitPort(written);
  return port === server.port && isNamed(server, host);
}

function isNamed(server: ServerSettings, name: string): boolean {
  const bare = name.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return server.hostname.toLowerCase() === bare || server.address.toLowerCase() === bare;
}

/** `HOST:PORT` or `[ADDRESS]:PORT`; an IPv6 address without brackets has no port. */
function splitPort(written: string): { readonly host: string; readonly port?: number } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(written);
  if (match?.[1] === undefined) return { host: written };
  return { host: match[1].replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) };
}
