import type { Coordinates } from '../../model/coordinates.js';

export interface RescueHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly sshAddress: string;
  readonly sshPort: number;
  readonly serverId: number;
}

/** What the process in the manager's host is told on standard input: what to fetch, and whom to serve it. */
export interface RescuePlan {
  readonly source: RescueHost;
  readonly replicas: readonly RescueHost[];
  readonly user: string;
  readonly sshOptions: string;
  readonly runDir: string;
  readonly binlogBase: string;
  readonly from: Coordinates;
  /** An address of the manager's host; left out: through an SSH tunnel to each replica. */
  readonly listen?: string;
}

/** What it says on standard output, a line each. */
export type RescueLine =
  /** Its SSH connections are open: from here on the clock may run. */
  | { readonly e: 'ready' }
  | { readonly e: 'serving'; readonly name: string; readonly address: string; readonly port: number }
  | {
      readonly e: 'saved';
      readonly to: Coordinates;
      readonly bytes: number;
      readonly seconds: number;
      readonly defect?: string;
    }
  | { readonly e: 'notice'; readonly text: string };

export function isRescuePlan(value: unknown): value is RescuePlan {
  return typeof value === 'object' && value !== null && 'binlogBase' in value && 'replicas' in value;
}

export function readRescueLine(text: string): RescueLine {
  const line: unknown = JSON.parse(text);
  if (!isRescueLine(line)) throw new Error(`the rescue said: ${text}`);
  return line;
}

function isRescueLine(value: unknown): value is RescueLine {
  return typeof value === 'object' && value !== null && 'e' in value;
}
