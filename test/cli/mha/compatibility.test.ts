import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  callOf,
  compatibilityReference,
  optionRows,
  optionsOf,
  otherRows,
} from '../../../src/cli/mha/compatibility/page.js';
import type { Row, Rows } from '../../../src/cli/mha/compatibility/row.js';
import { oldNames } from '../../../src/cli/mha/names.js';
import { keyNames, keys } from '../../../src/config/keys.js';
import * as args from '../../../src/hooks/arguments.js';
import { statusNames } from '../../../src/workdir/status-codes.js';
import { serverSettings } from '../../support/picture.js';
import { mhaExitCodes, mhaHookAnswers, mhaHookCalls, mhaNodePrograms, mhaOptions, mhaParameters } from './mha-list.js';
import { titlesIn } from './test-titles.js';

const tests = join(import.meta.dirname, '../..');
const { exitCodeRows, ...plainRows } = otherRows;
const everyRow: readonly (readonly [string, Row])[] = [
  ...Object.entries(optionRows).flatMap(named),
  ...Object.entries(exitCodeRows).flatMap(named),
  ...Object.entries(plainRows).flatMap(named),
];
const ways = oldNames.flatMap((old) => old.shapes.map((shape) => ({ call: callOf(old, shape), old, shape })));

function named([group, rows]: readonly [string, Rows]): readonly (readonly [string, Row])[] {
  return Object.entries(rows).map(([name, row]) => [`${group} ${name}`, row]);
}

const sorted = (names: Iterable<string>): readonly string[] => [...new Set(names)].sort();

describe('the list of what MHA has', () => {
  it.each(ways)(
    '$call: every option that it takes has its line, and no line is of another option',
    ({ call, old, shape }) => {
      const taken = optionsOf(old, shape).map(({ names }) => names[0]);
      expect(sorted(Object.keys(optionRows[call] ?? {}))).toEqual(sorted(taken));
    },
  );

  it.each(Object.entries(mhaOptions))('%s: every option of MHA is taken, under every name', (call, wanted) => {
    const way = ways.find((one) => one.call === call);
    const taken =
      way === undefined
        ? Object.keys(optionRows[call] ?? {})
        : optionsOf(way.old, way.shape).flatMap(({ names }) => names);
    expect(wanted.filter((name) => !taken.includes(name))).toEqual([]);
  });

  it('has every way to call a command', () => {
    expect(sorted(Object.keys(optionRows))).toEqual(sorted(Object.keys(mhaOptions)));
    expect(sorted([...ways.map(({ call }) => call), 'purge_relay_logs'])).toEqual(sorted(Object.keys(mhaOptions)));
    expect(Object.keys(otherRows.nodeRows)).toEqual(mhaNodePrograms);
  });

  it('has the 42 parameters', () => {
    expect(mhaParameters).toHaveLength(42);
    expect(sorted(Object.keys(otherRows.parameterRows))).toEqual(sorted(mhaParameters));
    expect(sorted(keyNames.filter((name) => keys[name].own !== true))).toEqual(sorted(mhaParameters));
  });

  it('has every exit code, and every one that a command gives', () => {
    expect(Object.keys(exitCodeRows)).toEqual(Object.keys(mhaExitCodes));
    for (const [call, codes] of Object.entries(mhaExitCodes)) {
      const way = ways.find((one) => one.call === call);
      const given = way === undefined ? codes : [...way.shape.exits, way.shape.failure];
      expect(sorted(Object.keys(exitCodeRows[call] ?? {})), call).toEqual(sorted([...codes, ...given].map(String)));
    }
    const known = Object.keys(exitCodeRows['masterha_check_status'] ?? {});
    expect(sorted(known)).toEqual(sorted([...Object.keys(statusNames), '1']));
  });

  it('has every call of a hook, and every one that we make', () => {
    const [a, b] = [serverSettings('a'), serverSettings('b')];
    const online = (command: 'stop' | 'start') =>
      args.onlineChange({ command, source: a, next: b, oldSourceStays: true });
    const made: readonly (readonly [string, ReturnType<typeof args.ipStatus>])[] = [
      ...[args.ipStatus(a), args.ipStop(a, true), args.ipStop(a, false), args.ipStart(a, b, true)].map(
        (list) => ['master_ip_failover_script', list] as const,
      ),
      ...(['stop', 'start'] as const).map((command) => ['master_ip_online_change_script', online(command)] as const),
      ...(['status', 'stop', 'stopssh'] as const).map(
        (command) => ['shutdown_script', args.shutdown(a, command)] as const,
      ),
    ];
    const calls = made.map(([name, list]) => {
      return `${name} ${list.find(({ text }) => text.startsWith('--command='))?.text ?? ''}`;
    });
    const without = ['report_script', 'secondary_check_script', 'init_conf_load_script'];
    expect(sorted(Object.keys(otherRows.hookCallRows))).toEqual(sorted(mhaHookCalls));
    expect(sorted([...calls, ...without])).toEqual(sorted(mhaHookCalls));
  });

  it.each(mhaHookAnswers)('has every answer of a hook: %s', (call, answers) => {
    const [script = '', command] = call.includes('_script') ? call.split(' ') : [call];
    const lines = Object.keys(otherRows.hookExitRows).filter((line) => {
      const [told = ''] = line.split(':');
      return told.startsWith(script) && (command === undefined || told.split(/[ ,]+/).includes(command));
    });
    const told = lines.flatMap((line) => (line.split(': ')[1] ?? '').split(', '));
    expect(sorted(told)).toEqual(sorted(answers));
  });
});

describe('each line', () => {
  it('says why it is better or unneeded, and of what works nothing more', () => {
    expect(everyRow.filter(([, { verdict, why }]) => (why === undefined) !== (verdict === 'works'))).toEqual([]);
  });

  it('names tests that there are', () => {
    const titles = new Map<string, ReadonlySet<string>>();
    const missing = everyRow.flatMap(([name, row]) =>
      row.tests.flatMap((reference) => {
        const [file = '', title = ''] = reference.split(' › ');
        const path = join(tests, file);
        if (!existsSync(path)) return [`${name}: no file ${file}`];
        const known = titles.get(file) ?? titlesIn(path);
        titles.set(file, known);
        return known.has(title) ? [] : [`${name}: no "${title}" in ${file}`];
      }),
    );
    expect(missing).toEqual([]);
  });

  it('is on the page that is committed', () => {
    const page = readFileSync(join(tests, '../docs/mha-compatibility.md'), 'utf8');
    expect(page).toBe(compatibilityReference());
    for (const [, { why = '' }] of everyRow) expect(page).toContain(why);
  });
});
