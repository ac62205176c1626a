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
  const { relayLogBase: base, relayLogIndex: index } = state;
  if (base === undefined || index === undefined) return undefined;
  if (channel.name === '') return { base, index };
  const stem = channel.relayLogFile.replace(/\.\d+$/, '');
  const plain = base.slice(base.lastIndexOf('/') + 1);
  if (!stem.startsWith(`${plain}-`)) return undefined;
  const suffix = stem.slice(plain.length);
  return { base: `${base}${suffix}`, index: `${index.replace(/\.index$/, '')}${suffix}.index` };
}
