import { type Statement, statement } from '../model/statement.js';
import type { Row } from '../ports/servers.js';
import { optionalNumber, text } from './rows.js';

/**
 * Not information_schema.PROCESSLIST: MySQL 9.7 answers every question about it with error 3854, whatever is asked for, while
 * anybody runs a statement with a character outside utf8mb3 (an emoji). Of a statement it gives the first 100 characters.
 */
export const showProcesslist: Statement = statement('SHOW PROCESSLIST');

/** One connection or thread of a server. */
export interface ServerProcess {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number;
  readonly statement: string;
}

export function toProcess(row: Row): ServerProcess {
  return {
    id: optionalNumber(row, 'Id') ?? 0,
    user: text(row, 'User'),
    host: text(row, 'Host'),
    command: text(row, 'Command'),
    seconds: Math.max(0, optionalNumber(row, 'Time') ?? 0),
    statement: text(row, 'Info'),
  };
}
