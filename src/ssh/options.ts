import { join } from 'node:path';
import { shellWords } from './shell-words.js';

/** What to do with a host key, in OpenSSH's terms: `StrictHostKeyChecking`. */
export type HostKeyPolicy = 'accept-new' | 'strict' | 'accept-any';

export interface JumpHost {
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
}

/** MHA's `ssh_options`, read. What a field does not say is left to the server's own settings or the default. */
export interface SshOptions {
  readonly identityFiles: readonly string[];
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly hostKeyPolicy: HostKeyPolicy | undefined;
  /** Empty list: none is to be used (`none`). Undefined: OpenSSH's default. */
  readonly knownHostsFiles: readonly string[] | undefined;
  readonly jumps: readonly JumpHost[];
  /** Do not ask the agent. */
  readonly identitiesOnly: boolean;
  /** Ask the server to compress what it sends and to take compressed what it is sent. */
  readonly compression: boolean | undefined;
  /** Words that have no effect here, as written. They are reported, never guessed. */
  readonly notUnderstood: readonly string[];
}

type Draft = { -readonly [Key in keyof SshOptions]: SshOptions[Key] };

const lettersWithValue: Readonly<Record<string, string>> = { i: 'identityfile', p: 'port', l: 'user', J: 'proxyjump' };

/** What this client always does, so saying it again changes nothing: no prompts, no terminal, no forwarding of X11 or agent. */
const alwaysSo: Readonly<Record<string, RegExp>> = {
  batchmode: /^yes$/i,
  checkhostip: /^no$/i,
  forwardagent: /^no$/i,
  forwardx11: /^no$/i,
  kbdinteractiveauthentication: /^no$/i,
  loglevel: /./,
  passwordauthentication: /^no$/i,
  requesttty: /^no$/i,
};
const lettersWithoutValue = /^-[qTxanC]+$/;
const lettersOfOpenSshWithValue = new Set('BbcDEeFIkLmOoPQRSWw');

/**
 * Reads OpenSSH client words. The first value of an option wins, as in OpenSSH; identity files add up.
 * @param home what `~` and `%d` stand for
 */
export function parseSshOptions(text: string, home: string): SshOptions {
  const draft: Draft = {
    identityFiles: [],
    port: undefined,
    user: undefined,
    connectTimeoutMs: undefined,
    hostKeyPolicy: undefined,
    knownHostsFiles: undefined,
    jumps: [],
    identitiesOnly: false,
    compression: undefined,
    notUnderstood: [],
  };
  const words = [...shellWords(text)];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    readWord(word, () => words.shift(), draft, home);
  }
  return draft;
}

function readWord(word: string, nextWord: () => string | undefined, draft: Draft, home: string): void {
  const letter = /^-[A-Za-z0-9]/.test(word) ? word.charAt(1) : undefined;
  if (letter === undefined) return addUnknown(draft, word);
  const name = lettersWithValue[letter];
  if (letter !== 'o' && name === undefined) return readOtherLetters(word, letter, nextWord, draft);
  const value = word.length > 2 ? word.slice(2) : nextWord();
  const written = word.length > 2 ? word : [word, ...(value === undefined ? [] : [value])].join(' ');
  const setting = value === undefined ? undefined : name === undefined ? keyAndValue(value) : { key: name, value };
  if (setting === undefined || !apply(setting.key, setting.value, draft, home)) addUnknown(draft, written);
}

function readOtherLetters(word: string, letter: string, nextWord: () => string | undefined, draft: Draft): void {
  if (lettersWithoutValue.test(word)) {
    if (word.includes('C')) draft.compression ??= true;
    return;
  }
  const value = lettersOfOpenSshWithValue.has(letter) && word.length === 2 ? nextWord() : undefined;
  addUnknown(draft, value === undefined ? word : `${word} ${value}`);
}

function addUnknown(draft: Draft, written: string): void {
  draft.notUnderstood = [...draft.notUnderstood, written];
}

/** `Key=value`, `Key value` and `Key = "value"` mean the same to OpenSSH. */
function keyAndValue(text: string): { key: string; value: string } | undefined {
  const [, key, value] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)([\s\S]*?)\s*$/.exec(text) ?? [];
  return key === undefined || value === undefined ? undefined : { key: key.toLowerCase(), value };
}

function apply(key: string, value: string, draft: Draft, home: string): boolean {
  const one = shellWords(value)[0] ?? '';
  switch (key) {
    case 'identityfile':
      if (one === '') return false;
      if (one !== 'none') draft.identityFiles = [...draft.identityFiles, expandPath(one, home)];
      return true;
    case 'identitiesonly':
      draft.identitiesOnly = /^(yes|true)$/i.test(one);
      return /^(yes|no|true|false)$/i.test(one);
    case 'compression':
      draft.compression ??= /^(yes|true)$/i.test(one);
      return /^(yes|no|true|false)$/i.test(one);
    case 'port':
      return wholeNumber(one, 65_535, (port) => (draft.port ??= port));
    case 'user':
      draft.user ??= one;
      return one !== '';
    case 'connecttimeout':
      return wholeNumber(one, 86_400, (seconds) => (draft.connectTimeoutMs ??= seconds * 1000));
    case 'stricthostkeychecking': {
      const policy = policies[one.toLowerCase()];
      draft.hostKeyPolicy ??= policy;
      return policy !== undefined;
    }
    case 'userknownhostsfile':
      draft.knownHostsFiles ??= knownHostsFiles(value, home);
      return true;
    case 'proxyjump':
      return applyJumps(one, draft);
    default:
      return alwaysSo[key]?.test(one) ?? false;
  }
}

/** `ask` cannot ask anybody here; OpenSSH in batch mode refuses an unknown key then, and so do we. */
const policies: Readonly<Record<string, HostKeyPolicy>> = {
  'accept-new': 'accept-new',
  ask: 'strict',
  yes: 'strict',
  true: 'strict',
  no: 'accept-any',
  false: 'accept-any',
  off: 'accept-any',
};

function wholeNumber(text: string, max: number, take: (value: number) => void): boolean {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) return false;
  take(value);
  return true;
}

function knownHostsFiles(value: string, home: string): readonly string[] {
  return shellWords(value)
    .filter((file) => file !== 'none')
    .map((file) => expandPath(file, home));
}

function expandPath(path: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return path.replace(/%([d%])/g, (_, token: string) => (token === 'd' ? home : '%'));
}

function applyJumps(value: string, draft: Draft): boolean {
  if (value === 'none') return true;
  const jumps = value.split(',').map(parseJump);
  const known = jumps.filter((jump) => jump !== undefined);
  if (known.length !== jumps.length) return false;
  if (draft.jumps.length === 0) draft.jumps = known;
  return true;
}

/** `[user@]host[:port]`, an IPv6 address in brackets, or the same as an `ssh://` URI. */
function parseJump(text: string): JumpHost | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@/]+))(?::(\d{1,5}))?\/?$/.exec(text.trim());
  const host = match?.[2] ?? match?.[3];
  if (host === undefined) return undefined;
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  return port === 0 || (port ?? 1) > 65_535 ? undefined : { host, port, user: match?.[1] };
}
