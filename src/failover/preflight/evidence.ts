import type { Finding } from '../../model/finding.js';
import type { Picture } from '../../model/picture.js';
import type { ClusterSettings, ServerId } from '../../model/settings.js';
import type { AddressReadiness } from '../../ports/addresses.js';
import type { HookResult } from '../../ports/hooks.js';
import type { ServerFacts } from '../../ports/server-facts.js';
import type { Verdict } from './topology.js';

/** Why the checks are made. Only `check` and `switch` count a replica that lags or stands still as a refusal, as MHA does. */
export type Purpose = 'check' | 'monitor' | 'failover' | 'switch';

export interface Tried {
  readonly outcome: 'ok' | 'failed' | 'cannot-tell';
  readonly message?: string;
}

/** What a host answered over SSH. */
export interface SshEvidence {
  readonly id: ServerId;
  readonly host: string;
  /** Nothing was tried, as the configuration asks. */
  readonly skipped: boolean;
  readonly reach: Tried;
  readonly login: Tried;
  /** Listening on the host's own loopback for us. */
  readonly reverse: Tried;
  /** Directories that may hold the server's binary logs. */
  readonly directories: readonly {
    readonly path: string;
    readonly state: 'readable' | 'missing' | 'not-readable' | 'files-not-readable' | undefined;
  }[];
}

/** Something to be told of a host key. */
export interface HostKeyEvidence {
  readonly host: string;
  readonly kind: 'recorded' | 'not-recorded' | 'changed-accepted';
  readonly fingerprint: string;
  readonly file: string;
}

/** What a server's `ssh_options` were understood as. */
export interface SshOptionsEvidence {
  readonly server: ServerId;
  readonly hostKeyPolicy: 'accept-new' | 'strict' | 'accept-any' | undefined;
  readonly notUnderstood: readonly string[];
}

/** The replication account tried on a server, over a connection that begins on another server's host. */
export interface AccountEvidence {
  readonly from: ServerId;
  readonly to: ServerId;
  readonly user: string;
  readonly result: { readonly kind: 'ok' } | { readonly kind: 'denied' | 'cannot-tell'; readonly message: string };
}

/** What a site's script answered when asked whether it is ready. */
export interface ScriptEvidence extends HookResult {
  readonly name: string;
}

/** Whether a server's host could take the writer's address; gathered only where one is configured. */
export interface AddressEvidence {
  readonly server: ServerId;
  readonly readiness: AddressReadiness;
}

/** What a server's host shows the SSH user of that server, while it answers; gathered for a check and at a manager's start. */
export interface FenceEvidence {
  readonly server: ServerId;
  /** `not-seen`: no process of it, though it answers. */
  readonly sight: 'may-end' | 'may-not-end' | 'not-seen';
  readonly lines: readonly string[];
}

/** Everything the checks look at, frozen. What was not asked for is simply absent: a check never guesses it. */
export interface Evidence {
  readonly purpose: Purpose;
  readonly settings: ClusterSettings;
  readonly picture: Picture;
  readonly verdict: Verdict;
  /** A replica further behind is reported. MHA's default is 30. */
  readonly maxLagSeconds: number;
  /** MHA: at the start of a manager, ignore_fail=1 counts only where the command line says so too. */
  readonly ignoreFailOnStart: boolean;
  /** The operator's `--new-master`. */
  readonly forced?: ServerId;
  readonly ssh: readonly SshEvidence[];
  readonly hostKeys: readonly HostKeyEvidence[];
  readonly sshOptions: readonly SshOptionsEvidence[];
  readonly accounts: readonly AccountEvidence[];
  readonly fences: readonly FenceEvidence[];
  readonly scripts: readonly ScriptEvidence[];
  readonly addresses: readonly AddressEvidence[];
  /** Somebody answers at the writer's address, seen from here. Absent: not asked. */
  readonly addressAnswers?: boolean;
  readonly facts: ReadonlyMap<ServerId, ServerFacts>;
}

/** For callers that have only the picture. */
export const nothingGathered: Omit<Evidence, 'purpose' | 'settings' | 'picture' | 'verdict'> = {
  maxLagSeconds: 30,
  ignoreFailOnStart: false,
  ssh: [],
  hostKeys: [],
  sshOptions: [],
  accounts: [],
  fences: [],
  scripts: [],
  addresses: [],
  facts: new Map(),
};

/** One check: looks at the evidence, says what it found, does nothing. */
export type Check = (evidence: Evidence) => readonly Finding[];
