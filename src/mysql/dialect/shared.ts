import { type Statement, statement } from '../../model/statement.js';
import type { SourceChange } from '../../ports/servers.js';

type Value = Statement['values'][number];

/** A list of `OPTION = ?` with the values to it, in order. */
export type Settings = readonly (readonly [option: string, value: Value])[];

/** Statement text and values put together; the text of the settings comes between `before` and `after`. */
export function withSettings(before: string, settings: Settings, after: string, ...tail: readonly Value[]): Statement {
  const list = settings.map(([option]) => `${option}=?`).join(', ');
  return { text: `${before} ${list}${after}`, values: [...settings.map(([, value]) => value), ...tail] };
}

/** The options of a CHANGE that both families have; `prefix` is MASTER or SOURCE. */
export function commonSettings(change: SourceChange, prefix: 'MASTER' | 'SOURCE'): Settings {
  const named = (option: string, value: Value | undefined): Settings =>
    value === undefined ? [] : [[`${prefix}_${option}`, value]];
  return [
    ...named('HOST', change.host),
    ...named('PORT', change.port),
    ...named('USER', change.user),
    ...named('PASSWORD', change.password),
    ...named('CONNECT_RETRY', change.connectRetry),
    ...named('HEARTBEAT_PERIOD', change.heartbeatSeconds),
    ...named('SSL', change.ssl === undefined ? undefined : Number(change.ssl)),
  ];
}

/** File and position, where the change says so. Leaving them out of a change of host resets them to the first file. */
export function placeSettings(change: SourceChange, prefix: 'MASTER' | 'SOURCE'): Settings {
  if (change.from.by !== 'coordinates') return [];
  return [
    [`${prefix}_LOG_FILE`, change.from.at.file],
    [`${prefix}_LOG_POS`, change.from.at.position],
  ];
}

/** Words that every family shares. */
export const shared = {
  relayLogPurge: (on: boolean): readonly Statement[] => [statement('SET GLOBAL relay_log_purge=?', Number(on))],
  prepareLock: (): readonly Statement[] => [],
  unlockWrites: (): readonly Statement[] => [statement('UNLOCK TABLES')],
  endConnection: (id: number): readonly Statement[] => [statement('KILL CONNECTION ?', id)],
  takeLock: (name: string, seconds: number): Statement => statement('SELECT GET_LOCK(?, ?) AS answer', name, seconds),
} as const;
