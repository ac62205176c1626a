import { Fault, isFault } from '../model/fault.js';
import type { Reach } from '../model/picture.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import type { AskOptions, Servers } from '../ports/servers.js';
import { readBinlogBeginning } from './binlog-beginning.js';
import { Link } from './link.js';
import { observe, readBinlogEnd, readChannels } from './observe.js';
import { showPreparedXa, xaName } from './prepared-xa.js';
import { reachOfFault } from './reach.js';
import { readRunningStatements } from './running-statements.js';
import { runAll, toSession } from './session.js';
import { type Target, targetOf } from './target.js';
import { transactionReader } from './transactions.js';

/** The configured servers over SQL. Nothing is connected before it is needed. */
export function openServers(settings: readonly ServerSettings[]): Servers {
  return openServersAt(settings.map(targetOf));
}

/** The same for servers that no configuration file names. */
export function openServersAt(targets: readonly (Target & { readonly server: ServerId })[]): Servers {
  const links = new Map<ServerId, Link>(targets.map((target) => [target.server, new Link(target)]));
  const linkOf = (id: ServerId): Link => {
    const link = links.get(id);
    if (link === undefined) throw new Error(`${id} is not one of the configured servers`);
    return link;
  };
  const openTransactions = transactionReader();
  const reach = (id: ServerId, deadlineMs: number): Promise<Reach> => reachServer(linkOf(id), deadlineMs);
  return {
    reach,
    observe: async (deadlineMs, ids = [...links.keys()]) => ({
      takenAt: Date.now(),
      servers: new Map(await Promise.all(ids.map(async (id) => [id, await reach(id, deadlineMs)] as const))),
    }),
    channels: (id, options) => readStatus(linkOf(id), options, readChannels),
    binlogEnd: (id, options) => readStatus(linkOf(id), options, readBinlogEnd),
    binlogBeginning: (id, options) => readStatus(linkOf(id), options, readBinlogBeginning),
    preparedXa: async (id, options) => {
      const rows = await linkOf(id).use(options, (connection, rest) => connection.ask(showPreparedXa, rest));
      return rows.map(xaName);
    },
    openTransactions: (id, options) => openTransactions(linkOf(id), options),
    runningStatements: (id, options) => readRunningStatements(linkOf(id), options),
    run: (id, statements, options) =>
      linkOf(id).use(options, (connection, rest) => runAll(connection, statements, rest)),
    ask: (id, item, options) => linkOf(id).use(options, (connection, rest) => connection.ask(item, rest)),
    hold: async (id, options) => {
      const link = linkOf(id);
      return toSession(await link.hold(options), link);
    },
    dialect: (id) => {
      const link = linkOf(id);
      if (link.known === undefined) throw new Fault('SQL_NEVER_ANSWERED', { server: link.server });
      return link.known.dialect;
    },
    close: () => {
      for (const link of links.values()) link.close();
      return Promise.resolve();
    },
  };
}

async function reachServer(link: Link, deadlineMs: number): Promise<Reach> {
  try {
    return await link.read({ deadlineMs }, async (connection, rest) => {
      const { identity, state } = await observe(link.server, connection, rest);
      link.remember(identity);
      return { kind: 'answered', state };
    });
  } catch (error) {
    if (isFault(error)) return reachOfFault(error);
    throw error;
  }
}

/** Work that needs to know the kind of server first. */
function readStatus<T>(
  link: Link,
  options: AskOptions,
  work: (
    identity: Awaited<ReturnType<Link['identity']>>,
    ...rest: Parameters<Parameters<Link['use']>[1]>
  ) => Promise<T>,
): Promise<T> {
  return link.read(options, async (connection, rest) => work(await link.identity(connection, rest), connection, rest));
}
