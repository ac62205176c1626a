import type { SemiSync } from '../../model/semi-sync.js';
import { type Statement, statement } from '../../model/statement.js';
import type { Dialect } from '../../ports/servers.js';

const nouns = { old: ['master', 'slave'], new: ['source', 'replica'] } as const;

/** The plugins of both families have the same variables, in one of two wordings. */
export const semiSync: Pick<Dialect, 'semiSyncAsSource' | 'semiSyncAsReplica' | 'semiSyncStatus'> = {
  semiSyncAsSource: (words, { enabled, waitsForNobody }) => [
    ...(waitsForNobody === undefined ? [] : [set(waitsName(words), waitsForNobody)]),
    set(`${nouns[words][0]}_enabled`, enabled),
  ],
  semiSyncAsReplica: (words, enabled) => [set(`${nouns[words][1]}_enabled`, enabled)],
  semiSyncStatus: (words) => {
    const [source] = nouns[words];
    return statement(
      'SHOW GLOBAL STATUS WHERE Variable_name IN (?, ?)',
      `Rpl_semi_sync_${source}_clients`,
      `Rpl_semi_sync_${source}_status`,
    );
  },
};

function waitsName(words: SemiSync['words']): string {
  const [source, replica] = nouns[words];
  return `${source}_wait_no_${replica}`;
}

function set(name: string, on: boolean): Statement {
  return statement(`SET GLOBAL rpl_semi_sync_${name}=?`, Number(on));
}
