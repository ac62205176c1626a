import type { Acknowledged } from './writer-log.js';

/** The longest time in which no row was acknowledged. */
export interface Gap {
  readonly ms: number;
  readonly from: bigint;
  readonly to: bigint;
  /** `server_id` before and after it. */
  readonly before: number;
  readonly after: number;
}

/** Two servers acknowledged rows in the same time: from the newer one's first to the older one's last. */
export interface Overlap {
  readonly first: number;
  readonly second: number;
  readonly ms: number;
}

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;

/** `since`: gaps that ended before this time do not count. Undefined without two acknowledgements around one. */
export function longestGap(acks: readonly Acknowledged[], since?: bigint): Gap | undefined {
  let longest: Gap | undefined;
  for (const [index, ack] of acks.entries()) {
    const last = acks[index - 1];
    if (last === undefined || (since !== undefined && ack.at < since)) continue;
    const ms = milliseconds(ack.at - last.at);
    if (longest === undefined || ms > longest.ms) {
      longest = { ms, from: last.at, to: ack.at, before: last.server, after: ack.server };
    }
  }
  return longest;
}

/**
 * A server that acknowledges again after another one has begun: both took writes in between. Where writing was moved
 * there and back on purpose, one return is in order (`returns`), and only a further change is not.
 */
export function overlaps(acks: readonly Acknowledged[], returns = 0): readonly Overlap[] {
  const runs = runsOf(acks);
  const seen = new Set<number>();
  const comebacks: Overlap[] = [];
  for (const [index, run] of runs.entries()) {
    const previous = runs[index - 1];
    if (previous !== undefined && seen.has(run.server)) {
      comebacks.push({ first: run.server, second: previous.server, ms: milliseconds(run.to - previous.from) });
    }
    seen.add(run.server);
  }
  return comebacks.slice(returns);
}

interface Run {
  readonly server: number;
  readonly from: bigint;
  readonly to: bigint;
}

function runsOf(acks: readonly Acknowledged[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { server, at } of acks) {
    const last = runs.at(-1);
    if (last?.server === server) runs[runs.length - 1] = { ...last, to: at };
    else runs.push({ server, from: at, to: at });
  }
  return runs;
}
