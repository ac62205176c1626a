import { userInfo } from 'node:os';
import type { ClusterSettings, ServerSettings } from '../model/settings.js';
import { type Lookup, type Resolved, resolveNames } from './addresses.js';
import { type Block, type ConfFile, defaultBlock } from './block.js';
import { orderBlocks } from './block-order.js';
import { clusterSettings } from './cluster-settings.js';
import { findDuplicates } from './duplicates.js';
import { type EffectiveValue, effectiveManager, effectiveServer } from './effective.js';
import { type Levels, readerOf } from './inherit.js';
import { keyNames, keys } from './keys.js';
import { type Problem, refuseProblems } from './problem.js';
import { type DraftServer, namesToResolve, serverSettings } from './server-settings.js';
import { misfitsOfWriterAddress } from './writer-address.js';

type Defaults = Omit<Levels, 'server'>;

export interface BuiltCluster {
  readonly settings: ClusterSettings;
  readonly origins: readonly EffectiveValue[];
}

/** Applies inheritance, reads every value, resolves the names. Throws CONF_INVALID with all that is wrong. */
export async function buildCluster(conf: ConfFile, defaults: Defaults, look: Lookup): Promise<BuiltCluster> {
  const problems: Problem[] = [];
  const readManager = readerOf(defaults, { file: conf.file, line: defaultsLine(conf) }, problems);
  for (const name of keyNames) if (!keys[name].levels.includes('server')) readManager(name);
  // Each kind in its own order: what a [binlogN] is called must not decide on the order of the servers.
  const serverBlocks = conf.blocks.filter(isServerBlock);
  const copyBlocks = conf.blocks.filter(({ name }) => name.startsWith('binlog'));
  const drafts = [...orderBlocks(serverBlocks), ...orderBlocks(copyBlocks)].flatMap((block) =>
    draftServer(conf.file, block, defaults, problems),
  );
  const first = drafts.find(isServer);
  if (first === undefined) {
    refuseProblems(serverBlocks.length > 0 ? problems : [...problems, noServer(conf.file)]);
    throw new Error('a configuration without servers was not refused');
  }
  refuseProblems(problems);
  const built = await resolveServers(conf, drafts, look);
  const place = (block: string): { file: string; line: number } => ({ file: conf.file, line: lineOf(conf, block) });
  const servers = built.filter(isServer);
  refuseProblems(findDuplicates(servers, place));
  const binlogServers = built.filter((server) => !isServer(server));
  const settings = clusterSettings({ confFile: conf.file, servers, binlogServers, readManager, readFirst: first.read });
  refuseProblems(misfitsOfWriterAddress(settings, place));
  return { settings, origins: explain(conf, defaults, built) };
}

function draftServer(file: string, block: Block, defaults: Defaults, problems: Problem[]): readonly DraftServer[] {
  const place = { file, line: block.line };
  const read = readerOf({ ...defaults, server: block.values }, place, problems);
  for (const name of keyNames) read(name);
  const hostname = read('hostname');
  if (hostname !== undefined) return [{ block: block.name, line: block.line, hostname, read }];
  if ((block.values.get('hostname')?.text ?? '') === '') {
    problems.push({ ...place, ...withoutHostname(block.name) });
  }
  return [];
}

function withoutHostname(block: string): Pick<Problem, 'reason' | 'fix'> {
  if (!/^server\W*_*default$/i.test(block))
    return { reason: `[${block}] has no hostname`, fix: 'Add the line: hostname = NAME' };
  return {
    reason: `[${block}] is taken for a server, and has no hostname`,
    fix: `Write [${defaultBlock}], with a blank, if these are the values that all servers share.`,
  };
}

function isServerBlock({ name }: Block): boolean {
  return name !== defaultBlock && name.startsWith('server');
}

function isServer(item: { readonly block: string }): boolean {
  return item.block.startsWith('server');
}

async function resolveServers(
  conf: ConfFile,
  drafts: readonly DraftServer[],
  look: Lookup,
): Promise<readonly ServerSettings[]> {
  const wanted = drafts.map((draft) => ({ draft, names: namesToResolve(draft) }));
  const found = await resolveNames(
    wanted.flatMap(({ names }) => [names.sql, names.ssh]),
    look,
  );
  refuseProblems(wanted.flatMap(({ draft, names }) => unresolved(conf.file, draft, names, found)));
  const addressOf = (name: string): string => {
    const answer = found.get(name);
    if (answer?.kind !== 'found') throw new Error(`${name} was not resolved`);
    return answer.address;
  };
  const osUser = presentUser();
  if (osUser === undefined) refuseProblems(withoutSshUser(conf, drafts));
  return drafts.map((draft) => serverSettings(draft, { addressOf, osUser }));
}

/** A container's user id may have no entry in passwd, and then no name. */
function presentUser(): string | undefined {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function withoutSshUser(conf: ConfFile, drafts: readonly DraftServer[]): readonly Problem[] {
  const nameless = drafts.find(({ read }) => read('ssh_user') === undefined);
  if (nameless === undefined) return [];
  const reason = `[${nameless.block}] has no ssh_user, and the user that runs mha-ts has no name to take instead`;
  return [{ file: conf.file, line: nameless.line, reason, fix: `Write ssh_user = NAME into [${defaultBlock}].` }];
}

function unresolved(
  file: string,
  draft: DraftServer,
  names: ReturnType<typeof namesToResolve>,
  found: ReadonlyMap<string, Resolved>,
): readonly Problem[] {
  return [...new Set([names.sql, names.ssh])].flatMap((name) => {
    const answer = found.get(name);
    if (answer?.kind !== 'failed') return [];
    return [
      {
        file,
        line: draft.line,
        reason: `[${draft.block}] ${name} does not resolve: ${answer.reason}`,
        fix: betterName(name, name === names.sql ? '' : 'ssh_'),
      },
    ];
  });
}

/** Ports and brackets belong to other places than this file: a hostname is also what scripts and people are told. */
function betterName(name: string, prefix: '' | 'ssh_'): string {
  const [, host, port] = /^([^:[\]]+|\[.+\]):(\d+)$/.exec(name) ?? [];
  const bare = (host ?? name).replace(/^\[(.+)\]$/, '$1');
  if (port !== undefined) return `Write ${bare} alone there, and the port as ${prefix}port = ${port}.`;
  if (bare !== name) return `Write ${bare}, without brackets.`;
  return `Correct the name, or give its address with ${prefix}ip = ADDRESS.`;
}

function noServer(file: string): Problem {
  return {
    file,
    line: 0,
    reason: 'there is no [serverN] block',
    fix: 'Add a block [server1] with a hostname for each server.',
  };
}

function explain(conf: ConfFile, defaults: Defaults, servers: readonly ServerSettings[]): readonly EffectiveValue[] {
  return [
    ...effectiveManager(defaults),
    ...servers.flatMap((server) => {
      const own = conf.blocks.find((block) => block.name === server.block)?.values ?? new Map();
      return effectiveServer({ ...defaults, server: own }, server);
    }),
  ];
}

function defaultsLine(conf: ConfFile): number {
  return lineOf(conf, defaultBlock);
}

function lineOf(conf: ConfFile, block: string): number {
  return conf.blocks.find((item) => item.name === block)?.line ?? 0;
}
