import { nearestWord } from '../config/nearest.js';

interface KnownFlag {
  readonly name: string;
  readonly hidden?: boolean;
  readonly aliases?: readonly string[] | undefined;
  readonly allowNo?: boolean;
}

/** What to say of flags that there are not, with the nearest that there are; undefined for every other error. */
export function unknownFlagsWords(error: Error, known: Readonly<Record<string, KnownFlag>>): string | undefined {
  const written = 'flags' in error && Array.isArray(error.flags) ? error.flags.map(String) : [];
  if (!error.message.startsWith('Nonexistent flag') || written.length === 0) return undefined;
  // Our flags have hyphens where the words that the search is made for have underscores.
  const names = new Map(
    Object.entries(known).flatMap(([name, flag]) =>
      [name, ...(flag.aliases ?? []), ...(flag.allowNo === true ? [`no-${name}`] : [])].map(
        (word) => [word.replaceAll('-', '_'), word.replaceAll('_', '-')] as const,
      ),
    ),
  );
  const words = written.map((flag) => {
    const near = names.get(nearestWord(flag.replace(/^-+/, ''), [...names.keys()]) ?? '');
    return near === undefined ? `There is no flag ${flag}.` : `There is no flag ${flag}. Did you mean --${near}?`;
  });
  return `${words.join(' ')} See more with --help`;
}
