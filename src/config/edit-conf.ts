import { Fault } from '../model/fault.js';
import { type Block, defaultsOf } from './block.js';
import { isKeyName, type KeyName, keys } from './keys.js';
import { parseConf, unknownKey } from './parse-conf.js';
import { readLines } from './read-lines.js';

/** A line with its end, so that what is not changed stays as it is, byte for byte. */
const lineWithEnd = /[^\r\n]*(?:\r{1,2}\n|\r|\n)|[^\r\n]+$/g;

function rawLines(text: string): readonly string[] {
  return text.match(lineWithEnd) ?? [];
}

/** The block's name where the line is a `[block]`. */
function headOf(raw: string): string | undefined {
  const [line] = readLines(raw);
  return line?.kind === 'block' ? line.name : undefined;
}

function isComment(raw: string): boolean {
  return /^\s*[#;]/.test(raw);
}

function isBlank(raw: string): boolean {
  return raw.trim() === '';
}

/** MHA's names for blocks of servers. */
export function blockNameOf(block: string | undefined, hostname: string | undefined): string | undefined {
  if (block === undefined) return hostname === undefined ? undefined : `server_${hostname}`;
  return block.startsWith('server') ? block : `server${block}`;
}

export interface NewBlock {
  readonly name: string;
  readonly hostname: string;
  /** MHA's `--params`: `key=value;key=value`. */
  readonly params?: string;
}

/** The text with one more block at its end. Throws BLOCK_EXISTS, and CONF_INVALID for what could not be read back. */
export function withBlock(file: string, text: string, { name, hostname, params = '' }: NewBlock): string {
  if (rawLines(text).some((raw) => headOf(raw) === name)) throw new Fault('BLOCK_EXISTS', { file, block: name });
  const end = /\r?\n/.exec(text)?.[0] ?? '\n';
  const lines = [`[${name}]`, `hostname=${hostname}`, ...paramsOf(file, params)];
  const before = text === '' || /[\r\n]$/.test(text) ? text : `${text}${end}`;
  const gap = before === '' || /(?:^|\n)[ \t]*\r?\n$/.test(before) ? '' : end;
  const changed = `${before}${gap}${lines.join(end)}${end}`;
  // Whatever stands in a value must not become another line.
  const { blocks } = parseConf(file, changed);
  const added = blocks.find((block) => block.name === name);
  if (added?.values.size !== lines.length - 1) {
    const reason = `[${name}] with these values could not be read back`;
    throw new Fault('CONF_INVALID', { file, line: 0, reason, fix: 'Write each key once, as KEY=VALUE.' });
  }
  for (const [key, value] of added.values) mindValue(file, key, value.text);
  mindTwins(file, blocks, added);
  return changed;
}

/** What the reader would refuse must not be written: the next one to read the file is a manager in the night. */
function mindValue(file: string, key: KeyName, text: string): void {
  const { parse, shape, secret } = keys[key];
  if (parse(text) !== undefined) return;
  const reason = `${key} = ${secret === true ? '(secret)' : `"${text}"`} is not ${shape}; nothing was changed`;
  throw new Fault('CONF_INVALID', { file, line: 0, reason, fix: `Give ${key} as ${shape}.` });
}

/** As far as the file alone tells: the same name at the same port, or no name at all. */
function mindTwins(file: string, blocks: readonly Block[], added: Block): void {
  const hostname = added.values.get('hostname')?.text ?? '';
  if (hostname === '') {
    const reason = `[${added.name}] would have no hostname; nothing was changed`;
    throw new Fault('CONF_INVALID', { file, line: 0, reason, fix: 'Name the server with --hostname.' });
  }
  const general = defaultsOf({ file, blocks }).get('port')?.text;
  const portOf = ({ values }: Block): string | undefined => values.get('port')?.text ?? general;
  const twin = blocks.find(
    (block) =>
      block.name !== added.name &&
      block.values.get('hostname')?.text === hostname &&
      block.name.startsWith('server') &&
      portOf(block) === portOf(added),
  );
  if (twin === undefined) return;
  const reason = `[${twin.name}] is ${hostname} at that port already; nothing was changed`;
  throw new Fault('CONF_INVALID', { file, line: 0, reason, fix: 'Change that block, or give another port.' });
}

function paramsOf(file: string, params: string): readonly string[] {
  const pairs = params.split(';').filter((pair) => pair.trim() !== '');
  return pairs.map((pair) => {
    const [, key = '', value = ''] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/s.exec(pair) ?? [];
    if (isKeyName(key)) return `${key}=${value}`;
    const { reason, fix } = unknownKey(key === '' ? pair.trim() : key);
    throw new Fault('CONF_INVALID', { file, line: 0, reason, fix });
  });
}

/**
 * The text without a block: its head and its lines, wherever it stands and however often. Comments behind its last value stay
 * where they are right above the next block, whose they are, or set apart by a blank line: a server that somebody has only
 * commented out, say. Undefined when there is no such block.
 */
export function withoutBlock(text: string, name: string): string | undefined {
  const kept: string[] = [];
  let behind: string[] = [];
  let isInside = false;
  let found = false;
  for (const raw of rawLines(text)) {
    const head = headOf(raw);
    if (head !== undefined) {
      kept.push(...commentsOfOthers(behind, true));
      behind = [];
      isInside = head === name;
      found ||= isInside;
    }
    if (!isInside) kept.push(raw);
    else if (isComment(raw) || isBlank(raw)) behind.push(raw);
    else behind = [];
  }
  return found ? [...kept, ...commentsOfOthers(behind, false)].join('') : undefined;
}

/** Of the comments and blank lines behind a block's last value, those that are not its own. */
function commentsOfOthers(behind: readonly string[], isBlockNext: boolean): readonly string[] {
  const apart = behind.findIndex((raw, index) => isComment(raw) && isBlank(behind[index - 1] ?? 'x'));
  if (apart >= 0) return behind.slice(apart);
  return isBlockNext ? behind.slice(behind.findLastIndex((raw) => !isComment(raw)) + 1) : [];
}
