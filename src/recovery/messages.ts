import type { Coordinates } from '../model/coordinates.js';
import { Secret } from '../model/secret.js';
import type { ServerId, SshSettings } from '../model/settings.js';
import type {
  CopyRequest,
  FetchedRange,
  FoundCopy,
  RecoveryProgress,
  RecoverySource,
  RelayRequest,
  SavedRange,
  ServeRequest,
  StartRequest,
  TailRequest,
} from '../ports/recovery.js';
import type { HostKeyNotice } from '../ssh/host-key.js';
import type { FaultText } from './fault-text.js';

/**
 * What the manager's thread and the recovery thread say to each other. Everything here survives the structured clone;
 * a password travels as text in a message, because a Secret does not, and is wrapped again where it arrives.
 */
export type Call =
  | { readonly kind: 'warm' }
  | { readonly kind: 'begin'; readonly source: RecoverySource }
  | { readonly kind: 'findCopy'; readonly request: CopyRequest }
  | { readonly kind: 'findStart'; readonly request: StartRequest }
  | { readonly kind: 'saveTail'; readonly request: TailRequest }
  | { readonly kind: 'saveRelay'; readonly request: RelayRequest }
  | { readonly kind: 'serve'; readonly request: ServeText }
  | { readonly kind: 'stopServing'; readonly replica: ServerId }
  | { readonly kind: 'end' }
  | { readonly kind: 'close' };

export type Answer =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'copy'; readonly copy: FoundCopy }
  | { readonly kind: 'range'; readonly range: SavedRange }
  | { readonly kind: 'ranges'; readonly ranges: readonly FetchedRange[] }
  | { readonly kind: 'place'; readonly place?: Coordinates }
  | { readonly kind: 'address'; readonly host: string; readonly port: number };

/** To the recovery thread. Ids are the caller's; an abort names the call it ends. */
export type Order =
  { readonly kind: 'call'; readonly id: number; readonly call: Call } | { readonly kind: 'abort'; readonly id: number };

/** From the recovery thread. */
export type Report =
  | { readonly kind: 'done'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: FaultText }
  | { readonly kind: 'progress'; readonly progress: RecoveryProgress }
  | { readonly kind: 'host-key'; readonly notice: HostKeyNotice }
  | { readonly kind: 'notice'; readonly text: string };

/** What the thread is started with; no secrets, since it is readable in the thread's start data. */
export interface StartData {
  readonly hosts: readonly { readonly id: ServerId; readonly ssh: SshSettings }[];
  readonly minFreeBytes: number;
}

/** A serve request with the password as text. It exists between the two threads only and is never printed. */
export interface ServeText extends Omit<ServeRequest, 'account'> {
  readonly account?: { readonly user: string; readonly password: string };
}

export function serveToText(request: ServeRequest): ServeText {
  const { account, ...rest } = request;
  return account === undefined
    ? rest
    : { ...rest, account: { user: account.user, password: account.password.reveal() } };
}

export function serveFromText(text: ServeText): ServeRequest {
  const { account, ...rest } = text;
  return account === undefined
    ? rest
    : { ...rest, account: { user: account.user, password: new Secret(account.password) } };
}
