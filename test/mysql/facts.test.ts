import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Fault } from '../../src/model/fault.js';
import type { Statement } from '../../src/model/statement.js';
import { factsReader } from '../../src/mysql/facts.js';
import type { AskOptions, Servers } from '../../src/ports/servers.js';
import { id } from '../support/picture.js';

it('a server with too many tables to look at in time tells all the rest', async () => {
  const late = new Fault('SQL_NO_ANSWER', { server: 'a:3306', statement: 'SELECT', deadlineMs: 0 });
  const inTime = async <T>(answer: T, { deadlineMs }: AskOptions): Promise<T> => {
    if (deadlineMs < 5) throw late;
    return Promise.resolve(answer);
  };
  const ask = async (_: unknown, item: Statement, options: AskOptions): Promise<never[]> => {
    if (!item.text.includes('information_schema.TABLES')) return inTime([], options);
    await pause(options.deadlineMs);
    throw late;
  };
  const servers = { ask, binlogBeginning: (_: unknown, options: AskOptions) => inTime('0-1-1', options) };
  const facts = await factsReader(servers as unknown as Servers)(id('a'), { deadlineMs: 200 });
  expect(facts.nonTransactionalTables.known).toBe(false);
  const { events, replicationAccounts, readOnlyBypassers, binlogBeginning, preparedXa, dumps } = facts;
  for (const fact of [events, replicationAccounts, readOnlyBypassers, binlogBeginning, preparedXa, dumps])
    expect(fact.known).toBe(true);
});
