import { isFault } from '../model/fault.js';
import type { AskOptions, Servers } from '../ports/servers.js';
import type { Contender } from './election.js';
import { errantWords, withBeginning } from './errant.js';

/** Asks those that have errant transactions how far back their binary logs reach; MySQL's own sets have told already. */
export function lookForPurged(
  contenders: readonly Contender[],
  servers: Pick<Servers, 'binlogBeginning'>,
  options: AskOptions,
): Promise<readonly Contender[]> {
  return Promise.all(
    contenders.map(async (contender) => {
      const { errant, server, state } = contender;
      if (errant === undefined || state.version.vendor === 'mysql') return contender;
      try {
        return { ...contender, errant: withBeginning(errant, await servers.binlogBeginning(server, options)) };
      } catch (error) {
        if (isFault(error)) return contender;
        throw error;
      }
    }),
  );
}

/** What the report says of them. */
export function errantContenders(contenders: readonly Contender[]): readonly string[] {
  return contenders.flatMap(({ server, errant }) =>
    errant === undefined ? [] : [`${server} has transactions that its source never had: ${errantWords(errant)}.`],
  );
}
