import type { Happening, RunEvent } from '../../src/ports/events.js';
import { serverId } from '../../src/model/settings.js';

export const db1 = serverId('db1', 3306);
export const db2 = serverId('db2', 3306);
export const db3 = serverId('db3', 3306);
export const db4 = serverId('db4', 3306);

/** 2026-11-21T10:00:00.000Z, when every told run begins. */
export const began = Date.UTC(2026, 10, 21, 10);

/** Dates happenings: each with the milliseconds after the run's beginning at which it came. */
export function told(...happenings: readonly (readonly [after: number, happening: Happening])[]): readonly RunEvent[] {
  return happenings.map(([after, happening], sequence) => ({
    ...happening,
    cluster: 'app1',
    run: 'run1',
    sequence,
    wall: began + after,
    // The monotonic clock begins somewhere else than the wall clock.
    at: 7_000 + after,
  }));
}
