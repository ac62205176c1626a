/** How a receiver encrypts, and what it asks of its source's certificate. Empty: not set. */
export interface SslSettings {
  readonly allowed: boolean;
  readonly caFile: string;
  readonly caPath: string;
  readonly cert: string;
  readonly cipher: string;
  readonly key: string;
  readonly verifyServerCert: boolean;
  readonly crl: string;
  readonly crlPath: string;
  /** MySQL 5.7.10 and 8.0.19. */
  readonly tlsVersion?: string;
  readonly tlsCiphersuites?: string;
}

/** What else a receiver is told. Absent: the server has no such option, or did not show it. */
export interface ReceiverOptions {
  /** Connection attempts before it gives up; 0: never. */
  readonly retryCount?: number;
  /** How an account of caching_sha2_password is proven without TLS (8.0.4). */
  readonly publicKeyPath?: string;
  readonly getPublicKey?: boolean;
  /** A list of `uncompressed`, `zlib`, `zstd` (8.0.18). */
  readonly compression?: string;
  readonly zstdLevel?: number;
  /** The network namespace that it connects in (8.0.22). */
  readonly networkNamespace?: string;
  /** When its source is gone for good it looks for another one by itself (8.0.22). */
  readonly autoFailover?: boolean;
}

/** What an applier is told beyond its delay (8.0.18 and later). */
export interface ApplierOptions {
  /** `'user'@'host'`; empty: none. */
  readonly privilegeChecksUser?: string;
  readonly requireRowFormat?: boolean;
  /** STREAM, ON, OFF or GENERATE. */
  readonly primaryKeyCheck?: string;
  /** It keeps no file and position (8.0.27). */
  readonly gtidOnly?: boolean;
}
