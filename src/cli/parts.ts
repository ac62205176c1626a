/**
 * Room `cli`: puts the parts together, owns signals, exit codes and the terminal. It may import every room. Invariant: a run gets
 * everything it uses from here, so that no other room opens a connection, reads the environment or ends the process.
 */
import type { ClusterSettings } from '../model/settings.js';
import { writerAddress } from '../hooks/writer-address.js';
import { knock } from '../monitor/knock.js';
import { openServers } from '../mysql/servers.js';
import { askAt } from './ask-at.js';
import type { Clock } from '../ports/clock.js';
import type { Recovery } from '../ports/recovery.js';
import type { Addresses } from '../ports/addresses.js';
import type { Servers } from '../ports/servers.js';
import type { Shells } from '../ports/shell.js';
import { startRecovery } from '../recovery/recovery-thread.js';
import { openShells } from '../ssh/doors.js';
import type { HostKeyNotice } from '../ssh/host-key.js';
import { systemClock } from './clock.js';
import { hostKeyWords } from './host-key-words.js';

/** What a command works with; opened here, closed with `close`. */
export interface Parts {
  readonly settings: ClusterSettings;
  readonly clock: Clock;
  /** Tells the user, and whoever keeps the log. */
  readonly say: (text: string) => void;
  readonly servers: Servers;
  readonly shells: Shells;
  readonly addresses: Addresses;
  /** What was said about host keys so far. */
  readonly hostKeyNotices: readonly HostKeyNotice[];
  /** Started when it is first asked for: commands that only look never pay for a thread. */
  recovery(): Recovery;
  close(): Promise<void>;
}

export function openParts(settings: ClusterSettings, say: (text: string) => void): Parts {
  const everyone = [...settings.servers, ...settings.binlogServers];
  const servers = openServers(settings.servers);
  const hostKeyNotices: HostKeyNotice[] = [];
  const shells = openShells(everyone, {
    onNotice: (notice) => {
      hostKeyNotices.push(notice);
      say(hostKeyWords(notice));
    },
  });
  let recovery: Recovery | undefined;
  return {
    settings,
    clock: systemClock,
    say,
    servers,
    shells,
    addresses: writerAddress(settings, { shells, knock, askAt }),
    hostKeyNotices,
    recovery: () => {
      recovery ??= startRecovery({ hosts: everyone, minFreeBytes: settings.minFreeDiskBytes, onNotice: say });
      return recovery;
    },
    close: async () => {
      shells.close();
      await Promise.all([servers.close(), recovery?.close()]);
    },
  };
}
