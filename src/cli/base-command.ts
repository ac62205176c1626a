import path from 'node:path';
import { Command, Errors, Flags } from '@oclif/core';
import type { Lookup } from '../config/addresses.js';
import { type Configuration, loadConfiguration } from '../config/load-configuration.js';
import { describeError, Fault } from '../model/fault.js';
import { formatFault } from './fault-words.js';
import { unknownFlagsWords } from './unknown-flags.js';

/** An oclif error carries its exit code here; its own `exitCode` is not set, so `--json` would always give 1. */
interface WithExit {
  readonly oclif?: { readonly exit?: number };
  readonly exitCode?: number;
}

function exitOf(error: unknown): number {
  if (error instanceof Fault) return error.exit;
  if (typeof error !== 'object' || error === null) return 1;
  const { oclif, exitCode } = error as WithExit;
  return oclif?.exit ?? exitCode ?? 1;
}

/** What oclif and our commands say of a command line. */
function isUsage(error: Error): boolean {
  return error instanceof Errors.CLIError;
}

/** A command without flags of its own has none at all, as oclif puts it: not even those that all commands share. */
function knownFlags({ flags, baseFlags }: typeof Command): Parameters<typeof unknownFlagsWords>[1] {
  const own: typeof flags | undefined = flags;
  return { ...baseFlags, ...own, json: Flags.boolean() };
}

/** Everything else is told in three parts, too, and is no wrong usage. */
function unforeseen(error: Error): Fault {
  return new Fault('UNFORESEEN', { message: describeError(error) }, { cause: error });
}

/** A resolver that is out of order must not keep anybody from ending a manager. */
const asWritten: Lookup = (name) => Promise.resolve(name);

/** The configuration, and what was said on stderr before anybody knew where the log is: it belongs there as well. */
export interface SpokenConfiguration extends Configuration {
  readonly said: readonly string[];
}

/** The manner of those who go to no server, but look for a manager: cron calls them each minute and mails what is on stderr. */
export const inPassing: ReadingManner = { lookup: asWritten, isAsked: false };

interface ReadingManner {
  readonly lookup?: Lookup;
  /** Somebody asks what the file is worth: everything about it is said. */
  readonly isAsked?: boolean;
}

/**
 * What all commands share: the configuration flags, `--json`, and one way to say an error. Exit codes are the same with
 * `--json`; results are returned and the code is set, so that no output is cut by an early end of the process.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    conf: Flags.string({
      char: 'c',
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
      description:
        'the cluster’s configuration file; left out: MHA_CONF, ./app1.cnf, ./conf/app1.cnf, the only *.cnf in /etc/mha',
    }),
    'global-conf': Flags.string({
      aliases: ['global_conf'],
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
      description: 'defaults for all clusters [default: /etc/masterha_default.cnf]',
    }),
    // From MHA's names: a warning that they have given already.
    'said-before': Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
  };

  /**
   * Reads the configuration and says which file was taken; warnings go to stderr. What the command line says of the manager's
   * places counts more than the file.
   */
  protected async configuration(
    flags: {
      conf?: string | undefined;
      'global-conf'?: string | undefined;
      workdir?: string | undefined;
      'log-output'?: string | undefined;
      'said-before'?: readonly string[] | undefined;
    },
    { lookup, isAsked = true }: ReadingManner = {},
  ): Promise<SpokenConfiguration> {
    const { conf, 'global-conf': globalConf, 'said-before': saidBefore = [] } = flags;
    const configuration = await loadConfiguration({
      ...(conf === undefined ? {} : { conf }),
      ...(globalConf === undefined ? {} : { globalConf }),
      env: process.env,
      cwd: process.cwd(),
      ...(lookup === undefined ? {} : { lookup }),
    });
    const { chosen } = configuration;
    const place = `configuration: ${chosen.file} (${chosen.because})`;
    const warnings = configuration.warnings.map(
      ({ severity, seen, matters, fix }) => `${severity === 'note' ? 'note' : 'warning'}: ${seen}. ${matters} ${fix}`,
    );
    const words = isAsked ? [place, ...warnings] : conf === undefined ? [place] : [];
    for (const text of words) this.say(text);
    const { workdir, 'log-output': logFile } = flags;
    const settings = {
      ...configuration.settings,
      ...(workdir === undefined ? {} : { workdir: path.resolve(workdir) }),
      ...(logFile === undefined ? {} : { logFile: path.resolve(logFile) }),
    };
    return { ...configuration, settings, said: [...saidBefore, ...words] };
  }

  /** The story goes to stderr, the result to stdout: a pipe gets the result alone. */
  protected say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  override async catch(thrown: Error & { exitCode?: number }): Promise<unknown> {
    process.exitCode = exitOf(thrown);
    const error = isUsage(thrown) || thrown instanceof Fault ? thrown : unforeseen(thrown);
    if (error instanceof Errors.CLIError)
      error.message = unknownFlagsWords(error, knownFlags(this.ctor)) ?? error.message;
    if (this.jsonEnabled()) {
      this.logJson(this.toErrorJson(error));
      return undefined;
    }
    if (error instanceof Fault) {
      this.say(formatFault(error));
      return undefined;
    }
    return super.catch(error);
  }

  /** Only name, code and words: oclif's own form would print the parser's whole input, environment included. */
  override toErrorJson(error: unknown): unknown {
    if (error instanceof Fault) return { error: error.toJSON(), exit: error.exit };
    return { error: { code: 'USAGE', seen: describeError(error) }, exit: exitOf(error) };
  }
}
