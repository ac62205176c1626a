import type { Reach } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { AskOptions } from './servers.js';

/** How a host has the writer's address now; it may be configured otherwise. */
export interface HeldAddress {
  readonly interface: string;
  readonly prefix: number;
}

/** Whether a host could take the writer's address. */
export type AddressReadiness =
  | { readonly kind: 'cannot-tell'; readonly why: string }
  | {
      readonly kind: 'asked';
      /** The configured interface exists. */
      readonly hasInterface: boolean;
      /** The address is there already. */
      readonly held?: HeldAddress;
      /** Why the SSH user may not change addresses there. */
      readonly forbidden?: string;
      /** Programs there that can tell the neighbours, the one that is tried first in front. */
      readonly announcers: readonly string[];
    };

export type AddressVerb = 'add' | 'remove' | 'announce' | 'verify';

/**
 * The address that clients write to (`writer_vip`), as the hosts have it. Called only where one is configured. What is done
 * on a host goes over SSH and throws when there is no shell, or when the command did not answer 0.
 */
export interface Addresses {
  /** Undefined: that host does not have it. */
  look(server: ServerId, options: AskOptions): Promise<HeldAddress | undefined>;
  /** @param as how it was there before; else as configured */
  add(server: ServerId, signal: AbortSignal, as?: HeldAddress): Promise<void>;
  remove(server: ServerId, held: HeldAddress, signal: AbortSignal): Promise<void>;
  /** Tells the neighbours where the address is now, and returns by which program. Throws WRITER_ADDRESS_NOT_ANNOUNCED. */
  announce(server: ServerId, signal: AbortSignal): Promise<string>;
  /** Who answers SQL at the address, asked as this server is asked at its own. */
  through(server: ServerId, deadlineMs: number): Promise<Reach>;
  /**
   * For a host without a shell for us: where it, or anybody at the writer's address, still answers, seen from here and from
   * the witnesses' hosts. Empty: nowhere. Never throws for a host.
   */
  signsOfLife(server: ServerId, witnesses: readonly ServerId[], signal: AbortSignal): Promise<readonly string[]>;
  /** Never throws for a host. */
  ready(server: ServerId, signal: AbortSignal): Promise<AddressReadiness>;
  /** What a verb runs, or connects to. */
  shown(verb: AddressVerb, server: ServerId): readonly string[];
}
