import { fileURLToPath } from 'node:url';
import { nearestWord } from '../config/nearest.js';

/**
 * What oclif is started with. Commands that a user has added below his home are none of ours, and a home that may not be read
 * (`HOME` of another user, under sudo) would be a warning with every command.
 */
export function oclifOptions(url: string): { readonly root: string; readonly userPlugins: false } {
  return { root: fileURLToPath(url), userPlugins: false };
}

/** The command that somebody wrote and that there is not; undefined for every other error. */
export function unknownCommand(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^command (.+) not found$/.exec(error.message)?.[1]?.replaceAll(':', ' ');
}

const usageExit = 2;

/** 2 is an answer of these commands, so wrong usage is 1 there. */
const answeringWithTwo = ['status', 'check-status', 'check_status', 'secondary-check', 'secondary_check'];

/** The exit code for it. */
export function unknownCommandExit(written: string): number {
  return answeringWithTwo.includes(written.split(' ')[0] ?? '') ? 1 : usageExit;
}

/** The sentence for it, with the command that was probably meant. `root` is what oclif was started with. */
export async function unknownCommandWords(written: string, root: string): Promise<string> {
  const { Config } = await import('@oclif/core');
  const { commandIDs } = await Config.load(oclifOptions(root));
  // Our words have hyphens where those of the configuration, which the search is made for, have underscores.
  const known = new Map(
    commandIDs.map((id) => [id.replaceAll(':', ' ').replaceAll('-', '_'), id.replaceAll(':', ' ')]),
  );
  const surplus = [...known.values()].find((id) => written.startsWith(`${id} `));
  if (surplus !== undefined) {
    const words = written.slice(surplus.length + 1);
    return `mha-ts ${surplus} takes no word of its own, and "${words}" is no flag. See mha-ts ${surplus} --help`;
  }
  const meant = known.get(nearestWord(written, [...known.keys()]) ?? '');
  const hint =
    meant === undefined ? 'mha-ts --help lists all commands.' : `Did you mean "${meant.replaceAll('_', '-')}"?`;
  return `There is no command "${written}". ${hint}`;
}
