import type { ServerId } from '../model/settings.js';
import type { Duplex, Readable } from 'node:stream';

export interface CommandResult {
  /** Exit code; undefined when a signal ended the command or the channel was lost. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly deadlineMs: number;
  /** Output beyond this many bytes is cut (and the result says nothing of it). Default 1 MiB. */
  readonly maxBytes?: number;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
}

/** What a TCP connection attempt from a host came to. `cannot-tell`: the forwarding itself was refused or failed. */
export type PortProbe = 'open' | 'refused' | 'no-answer' | 'cannot-tell';

/**
 * One host's shell over one SSH connection. Commands are POSIX shell text; build it with the ssh room's `quote`.
 * A door reconnects when its connection was lost; each call has a deadline.
 */
export interface Door {
  readonly host: string;
  /** Connects and logs in if that is not so already. Throws SSH_UNREACHABLE or SSH_HOST_KEY_CHANGED. */
  open(signal?: AbortSignal): Promise<void>;
  run(command: string, options: CommandOptions): Promise<CommandResult>;
  /** The command's stdout as a stream with back-pressure; destroyed with an error when it exits other than 0. */
  read(command: string, options?: { readonly signal?: AbortSignal }): Promise<Readable>;
  /** A TCP connection from that host to an address, as a stream. */
  connectFrom(address: string, port: number, deadlineMs: number): Promise<Duplex>;
  /** Tries a TCP connection from that host and closes it at once. */
  probePort(address: string, port: number, deadlineMs: number): Promise<PortProbe>;
  /** The same, but what it opens is the caller's. */
  reachFrom(address: string, port: number, deadlineMs: number): Promise<Duplex | Exclude<PortProbe, 'open'>>;
  /**
   * Listens on the host's own 127.0.0.1 (the SSH server chooses the port unless one is given) and hands every connection
   * to `accept`. Throws when the SSH server forbids forwarding.
   */
  listenOn(
    accept: (stream: Duplex) => void,
    port?: number,
  ): Promise<{
    readonly port: number;
    /** Resolves with the reason when the listener is gone with its connection. Never rejects. */
    readonly lost?: Promise<string>;
    close(): Promise<void>;
  }>;
  close(): void;
}

/** The doors of a cluster's hosts. Servers that share a host and an account share a door. */
export interface Shells {
  door(id: ServerId): Door;
  /** Closes all doors. */
  close(): void;
}
