import type { ServerState } from '../model/picture.js';
import type { Former } from './hand.js';

/** Where one channel's relay log lies: directory and base name, and its index. */
export interface RelayFiles {
  readonly base: string;
  readonly index: string;
}

/**
 * The variables tell the default channel's place. A named one has its own files beside them: both families put `-` and
 * the name, encoded as for file names, behind the base name and before `.index`. The status shows how it was encoded.
 */
export function relayFilesOf({ state, channel }: Pick<Former, 'state' | 'channel'>): RelayFiles | undefined {
  const stem = /^(.+)\.\d+$/.exec(channel.relayLogFile)?.[1];
  const { relayLogBase: base } = state;
  if (base === undefined) return stem === undefined ? undefined : besideData(state, stem);
  const index = state.relayLogIndex ?? `${base}.index`;
  if (channel.name === '') return { base, index };
  const plain = base.slice(base.lastIndexOf('/') + 1);
  if (stem?.startsWith(`${plain}-`) !== true) return undefined;
  const suffix = stem.slice(plain.length);
  return { base: `${base}${suffix}`, index: `${index.replace(/\.index$/, '')}${suffix}.index` };
}

/** MariaDB (10.11) names no place where `relay_log` is not set, as it is not by default: it is the data directory then. */
function besideData({ dataDir, relayLogIndex }: ServerState, stem: string): RelayFiles | undefined {
  if (dataDir === '') return undefined;
  const base = `${dataDir.replace(/\/+$/, '')}/${stem}`;
  return { base, index: relayLogIndex ?? `${base}.index` };
}
