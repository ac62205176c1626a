import type { ServerId } from '../model/settings.js';

/** The six phases in MHA's order and words, with what comes before and after them. */
export type Phase =
  | 'detect'
  | 'preflight'
  | 'fence'
  | 'freeze'
  | 'save-binlog'
  | 'newest-replica'
  | 'relay-difference'
  | 'apply-saved-binlog'
  | 'promote'
  | 'repoint'
  | 'drain'
  | 'stop-writes'
  | 'catch-up'
  | 'verify'
  | 'report';

export const phaseTitles: Readonly<Record<Phase, string>> = {
  detect: 'Detect',
  preflight: 'Preflight',
  fence: 'Fence the old source',
  freeze: 'Freeze the replicas',
  'save-binlog': 'Phase 1: save binlog of the dead source',
  'newest-replica': 'Phase 2: find the newest replica',
  'relay-difference': 'Phase 3: apply the relay-log difference',
  'apply-saved-binlog': 'Phase 4: apply the saved binlog',
  promote: 'Phase 5: promote',
  repoint: 'Phase 6: repoint the rest',
  drain: 'Drain open transactions',
  'stop-writes': 'Stop writes',
  'catch-up': 'Catch up',
  verify: 'Verify',
  report: 'Report',
};

export type Level = 'debug' | 'info' | 'warning' | 'error';

/** What happened. Subscribers render it; none of them can stop or slow the run. */
export type Happening =
  | { readonly kind: 'run-started'; readonly command: string; readonly title: string }
  | { readonly kind: 'phase-started'; readonly phase: Phase }
  | { readonly kind: 'phase-ended'; readonly phase: Phase; readonly ok: boolean; readonly ms: number }
  | {
      readonly kind: 'step-started';
      readonly phase: Phase;
      readonly step: string;
      readonly title: string;
      readonly server?: ServerId;
    }
  | {
      readonly kind: 'step-progress';
      readonly phase: Phase;
      readonly step: string;
      readonly text: string;
      readonly done?: number;
      readonly total?: number;
    }
  | {
      readonly kind: 'step-ended';
      readonly phase: Phase;
      readonly step: string;
      readonly outcome: 'done' | 'already' | 'failed' | 'skipped' | 'undone';
      readonly ms: number;
      readonly text?: string;
      readonly server?: ServerId;
    }
  | { readonly kind: 'note'; readonly level: Level; readonly text: string; readonly server?: ServerId }
  | { readonly kind: 'run-ended'; readonly exit: number; readonly summary: string };

/** A happening with its place in time: the run's own sequence orders, the two clocks date it. */
export type RunEvent = Happening & {
  readonly cluster: string;
  readonly run: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly wall: number;
  /** Monotonic milliseconds. */
  readonly at: number;
};

export interface Events {
  emit(happening: Happening): void;
}

export type Subscriber = (event: RunEvent) => void;
