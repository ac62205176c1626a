import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../src/cli/mha/getopt.js';
import { flag, type MhaOption, number, text } from '../../../src/cli/mha/option.js';

const conf = text(['conf'], 'FILE', '');
const pingLimit = number(['ping_limit'], 'N', '');
const workdir = text(['workdir', 'status_dir'], 'DIR', '');
const abort = flag(['abort'], '');
const abortTimeout = number(['abort_timeout'], 'N', '');
const all = flag(['all'], '');
const app = text(['app'], 'NAME', '');
const host: MhaOption = { ...text(['secondary_host'], 'HOST', ''), many: true };
const dryRun: MhaOption = { ...flag(['dry_run'], ''), ours: true };
const options = [conf, pingLimit, workdir, abort, abortTimeout, all, app, host, dryRun];

function read(...argv: readonly string[]): {
  readonly given: Record<string, readonly string[]>;
  readonly ignored: readonly string[];
  readonly words: readonly string[];
} {
  const { given, ignored, words } = readOptions(options, argv);
  return {
    given: Object.fromEntries([...given].map(([option, values]) => [option.names[0], values])),
    ignored: ignored.map(({ word, why }) => `${word} ${why}`),
    words,
  };
}

describe('a command line of MHA', () => {
  it.each<[string, readonly string[], Record<string, readonly string[]>]>([
    ['two dashes and =', ['--conf=x'], { conf: ['x'] }],
    ['a value of its own', ['--conf', 'x'], { conf: ['x'] }],
    ['one dash', ['-conf=x'], { conf: ['x'] }],
    ['a plus', ['+conf', 'x'], { conf: ['x'] }],
    ['any case', ['--Ping_LIMIT=7'], { ping_limit: ['7'] }],
    ['a unique beginning', ['--c=x'], { conf: ['x'] }],
    ['a whole name that begins another', ['--abort'], { abort: [''] }],
    ['the beginning of the longer one', ['--abort_t', '9'], { abort_timeout: ['9'] }],
    ['another name', ['--status_dir=/x'], { workdir: ['/x'] }],
    ['dashes for underscores', ['--status-dir=/x', '--ping-limit=3'], { workdir: ['/x'], ping_limit: ['3'] }],
    ['the last one of two', ['--conf=a', '--conf=b'], { conf: ['b'] }],
    ['every one of several', ['-se', 'a', '-SE=b', '--sec', 'c'], { secondary_host: ['a', 'b', 'c'] }],
    ['= in a value', ['--conf=a=b'], { conf: ['a=b'] }],
    ['an option as the value of one that needs one', ['--conf', '--all'], { conf: ['--all'] }],
    [
      'signs and underscores in a number',
      ['--ping_limit=+1_0', '--abort_timeout=-5'],
      { ping_limit: ['10'], abort_timeout: ['-5'] },
    ],
    ['an empty text as none', ['--conf', 'a', '--conf', ''], {}],
    ['our own, written in full', ['--dry_run'], { dry_run: [''] }],
  ])('takes %s', (_what, argv, given) => {
    expect(read(...argv)).toEqual({ given, ignored: [], words: [] });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['what is not known', ['--foo=1', '--noabort'], ['--foo=1 is not known', '--noabort is not known']],
    ['a beginning of several', ['--a'], ['--a could be any of --abort, --abort_timeout, --all, --app']],
    ['a value for a flag', ['--abort=1'], ['--abort=1 takes no value']],
    ['an empty value', ['--conf='], ['--conf= needs a value']],
    ['a missing value', ['--conf'], ['--conf needs a value']],
    ['no number', ['--ping_limit=soon'], ['--ping_limit=soon needs a number']],
    ['three dashes', ['---conf=x'], ['---conf=x is not known']],
    ['letters together', ['-sA'], ['-sA is not known']],
    ['a beginning of our own', ['--dry'], ['--dry is not known']],
  ])('leaves out %s', (_what, argv, ignored) => {
    expect(read(...argv)).toMatchObject({ given: {}, ignored });
  });

  it('goes on behind what it leaves out, and leaves the next word to itself', () => {
    expect(read('--ping_limit', '--all', 'word', '--foo', '--app=x', '-')).toEqual({
      given: { all: [''], app: ['x'] },
      ignored: ['--ping_limit needs a number', '--foo is not known'],
      words: ['word', '-'],
    });
  });

  it('ends at --', () => {
    expect(read('--all', '--', '--abort', 'x')).toEqual({ given: { all: [''] }, ignored: [], words: ['--abort', 'x'] });
  });
});

const known = options.filter(({ ours }) => ours !== true);
const letters = fc.string({
  unit: fc.constantFrom('a', 'b', 'o', 'r', 't', '_', 's', 'c', '-', '=', '1', 'A'),
  maxLength: 6,
});
const anyWord = fc.oneof(
  letters,
  fc
    .tuple(
      fc.constantFrom('--', '-', '+'),
      fc.constantFrom(...known.flatMap(({ names }) => names)),
      fc.nat({ max: 20 }),
      fc.boolean(),
      fc.constantFrom('', '=', '=x', '=7', '=-3'),
    )
    .map(([start, name, length, big, value]) => {
      const written = name.slice(0, Math.max(1, length));
      return `${start}${big ? written.toUpperCase() : written}${value}`;
    }),
);

describe('any command line', () => {
  it('is read to its end, and nothing in it is lost', () => {
    fc.assert(
      fc.property(fc.array(anyWord, { maxLength: 8 }), (argv) => {
        const { given, ignored, words } = readOptions(options, argv);
        for (const [option, values] of given) {
          expect(option.many === true ? values.length : 1).toBe(values.length);
          if (option.takes === 'number') expect(values.every((value) => /^-?\d+$/.test(value))).toBe(true);
        }
        for (const { word } of ignored) expect(argv).toContain(word);
        for (const word of words) expect(argv).toContain(word);
      }),
    );
  });

  it('means the same however an option is spelt', () => {
    const spelling = fc.tuple(
      fc.constantFrom(...known),
      fc.constantFrom('--', '-', '+'),
      fc.boolean(),
      fc.boolean(),
      fc.nat({ max: 20 }),
    );
    fc.assert(
      fc.property(spelling, ([option, start, big, joined, cut]) => {
        const [full] = option.names;
        const unique = Array.from(full).findIndex(
          (_, index) =>
            known.filter(({ names }) => names.some((name) => name.startsWith(full.slice(0, index + 1)))).length === 1,
        );
        const length = unique < 0 ? full.length : Math.max(unique + 1, cut);
        const written = full.slice(0, length);
        const name = `${start}${big ? written.toUpperCase() : written}`;
        const argv = option.takes === 'nothing' ? [name] : joined ? [`${name}=42`] : [name, '42'];
        const { given, ignored } = readOptions(options, argv);
        expect({ given: [...given.keys()], ignored }).toEqual({ given: [option], ignored: [] });
      }),
    );
  });
});

const perlProgram = String.raw`
use Getopt::Long; Getopt::Long::Configure('pass_through');
local $/; my @cases = split /\x1e/, <STDIN>, -1;
for my $case (@cases) {
  local @ARGV = split /\x1f/, $case, -1; my (%o, @h);
  GetOptions(\%o, 'conf=s', 'ping_limit=i', 'workdir=s', 'abort', 'abort_timeout=i', 'all', 'app=s', 'secondary_host=s' => \@h);
  $o{secondary_host} = join(',', @h) if @h;
  print join("\x1f", map { "$_=$o{$_}" } sort keys %o), "\x1e";
}`;

const perl = spawnSync('perl', ['-MGetopt::Long', '-e', 'print $Getopt::Long::VERSION'], { encoding: 'utf8' });
const isPerlHere = perl.status === 0;

describe.skipIf(!isPerlHere)(`beside Getopt::Long itself${isPerlHere ? '' : ' (skipped: no perl here)'}`, () => {
  it('reads the same from any command line', () => {
    const plain = [conf, pingLimit, text(['workdir'], '', ''), abort, abortTimeout, all, app, host];
    // Dashes for underscores are ours; empty texts are left out here and by MHA's own tests for truth.
    const isComparable = (word: string): boolean => word !== '' && !/^(?:--|-|\+)?[^=-]*-/.test(word);
    const cases = fc
      .sample(fc.array(anyWord, { maxLength: 6 }), { numRuns: 3_000, seed: 4711 })
      .map((argv) => argv.filter(isComparable))
      .filter((argv) => argv.length > 0);
    const input = cases.map((argv) => argv.join('\x1f')).join('\x1e');
    const answers = spawnSync('perl', ['-e', perlProgram], { input, encoding: 'utf8' }).stdout.split('\x1e');
    for (const [index, argv] of cases.entries()) {
      const { given } = readOptions(plain, argv);
      const mine = [...given]
        .map(([option, values]) => `${option.names[0]}=${option.takes === 'nothing' ? '1' : values.join(',')}`)
        .sort();
      expect(mine, argv.join(' ')).toEqual((answers[index] ?? '').split('\x1f').filter((pair) => pair !== ''));
    }
  });
});
