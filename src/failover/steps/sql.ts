import type { Channel } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import { formatStatement, type Statement } from '../../model/statement.js';
import type { Bench } from '../hand.js';

/**
 * Milliseconds that administrative statements may take. Stopping an applier waits for its present transaction, and MySQL's
 * parallel appliers wait a minute for the rest of one that was cut (seen on 9.7).
 */
const statementDeadlineMs = 75_000;
const questionDeadlineMs = 10_000;

export async function run(
  { servers, signal }: Bench,
  id: ServerId,
  statements: readonly Statement[],
  deadlineMs = statementDeadlineMs,
): Promise<void> {
  if (statements.length === 0) return;
  await servers.run(id, statements, { deadlineMs, signal });
}

/** The channel as it stands now; undefined when the server has none of that name. */
export async function channelOf({ servers, signal }: Bench, id: ServerId, name: string): Promise<Channel | undefined> {
  const channels = await servers.channels(id, { deadlineMs: questionDeadlineMs, signal });
  return channels.find((channel) => channel.name === name);
}

/** The one column `answer` of a wait: a number, or undefined for NULL. */
export async function answerOf(
  world: Bench,
  id: ServerId,
  question: Statement,
  deadlineMs: number,
): Promise<number | undefined> {
  const rows = await world.servers.ask(id, question, { deadlineMs, signal: world.signal });
  const answer = rows[0]?.['answer'];
  return answer === null || answer === undefined ? undefined : Number(answer);
}

export function shown(statements: readonly Statement[]): readonly string[] {
  return statements.map((item) => formatStatement(item));
}
