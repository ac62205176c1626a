/** What one check of the source came to. `refused-us`: it spoke, so it lives; never counted as a miss. */
export type PingAnswer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused-us'; readonly errno: number; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** The health loop's own connection to the source. It stays open, so that its break tells of a death at once. */
export interface Ping {
  /** One check in the configured manner (SELECT, CONNECT, INSERT). Never rejects. */
  check(deadlineMs: number): Promise<PingAnswer>;
  /** MHA's advisory lock of the monitor, held by this connection: at most one manager per source. */
  takeLock(waitSeconds: number, deadlineMs: number): Promise<'taken' | 'held-elsewhere' | 'failed'>;
  /** Resolves with the reason when the connection ends by itself. Never rejects. */
  readonly lost: Promise<string>;
  close(): void;
}

export type PingOpening =
  | { readonly kind: 'open'; readonly ping: Ping }
  | { readonly kind: 'refused-us'; readonly errno: number; readonly message: string }
  /** Nobody listens there: the host itself said so. */
  | { readonly kind: 'port-refused'; readonly message: string }
  | { readonly kind: 'no-answer'; readonly message: string };

/** Connects and logs in within the deadline. Never rejects. */
export type OpenPing = (deadlineMs: number) => Promise<PingOpening>;
