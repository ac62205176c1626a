import { oldNames } from '../names.js';
import type { OldName, Shape } from '../old-name.js';
import type { MhaOption } from '../option.js';
import { everywhere } from '../translate.js';
import { confHostRows, nodeRows, purgeRows, secondaryCheckRows, statusRows, stopRows } from './administering-rows.js';
import { habits } from './common-rows.js';
import { exitCodeRows } from './exit-code-rows.js';
import { hookCallRows, hookExitRows } from './hook-rows.js';
import { fileRows, parameterRows } from './parameter-rows.js';
import type { Row, Rows, TestReference } from './row.js';
import { aliveRows, deadRows } from './switching-rows.js';
import { checkReplRows, checkSshRows, managerRows, monitorRows } from './watching-rows.js';

/** The rows of each way to call a command of MHA. */
export const optionRows: Readonly<Record<string, Rows>> = {
  masterha_manager: managerRows,
  masterha_master_monitor: monitorRows,
  masterha_check_repl: checkReplRows,
  masterha_check_ssh: checkSshRows,
  masterha_check_status: statusRows,
  masterha_stop: stopRows,
  'masterha_master_switch --master_state=dead': deadRows,
  'masterha_master_switch --master_state=alive': aliveRows,
  masterha_conf_host: confHostRows,
  masterha_secondary_check: secondaryCheckRows,
  purge_relay_logs: purgeRows,
};

/** Everything on the page that is not an option. */
export const otherRows = {
  habits,
  nodeRows,
  parameterRows,
  fileRows,
  hookCallRows,
  hookExitRows,
  exitCodeRows,
} as const;

/** The name of the rows of one way to call a command; a command with several ways has a word for each. */
export function callOf({ name, selectors, shapes }: OldName, shape: Shape): string {
  if (shapes.length === 1) return name;
  const [word] = selectors;
  const value = word?.value?.split('|')[shapes.indexOf(shape)] ?? '';
  return `${name} --${word?.names[0] ?? ''}=${value}`;
}

/** MHA's own options of one way to call a command: what all commands have, and what is only ours, left out. */
export function optionsOf({ selectors }: OldName, shape: Shape): readonly MhaOption[] {
  return [...selectors, ...shape.options, ...shape.unused].filter(
    (option) => option.ours !== true && !everywhere.includes(option),
  );
}

/** The table of what of MHA works, works better or is not needed, each line with its tests. */
export function compatibilityReference(): string {
  return [
    introduction,
    table('## All commands', 'habit', habits),
    ...oldNames.flatMap((old) => old.shapes.map((shape) => commandTable(old, shape))),
    table('## purge_relay_logs (`mha-ts purge-relay-logs`)', 'option of MHA', dashed(purgeRows)),
    table('## Programs of the node package', 'program', nodeRows),
    table('## Parameters', 'parameter', quoted(parameterRows)),
    table('## Configuration file', 'part', fileRows),
    table('## Hook calls', 'call', quoted(hookCallRows)),
    table('## Answers of hooks', 'exit code', hookExitRows),
    '## Exit codes',
    ...Object.entries(exitCodeRows).map(([name, rows]) => table(`### Exit codes of ${name}`, 'code', rows)),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `# What of MHA works

<!-- Generated from src/cli/mha/compatibility; changes made here are lost. -->

Every option, parameter, hook call and exit code of MHA 0.58: *works* as there, works *better* (and how), or is *unneeded* (and why:
it is accepted, and changes nothing, unless the line says otherwise). The last column names the tests that show it. What each option
is here: [mha-commands.md](mha-commands.md); what a site should know before it moves: [migrating-from-mha.md](migrating-from-mha.md).`;

function commandTable(old: OldName, shape: Shape): string {
  const call = callOf(old, shape);
  const rows = optionRows[call] ?? {};
  const named = optionsOf(old, shape).flatMap((option): readonly [string, Row][] => {
    const row = rows[option.names[0]];
    return row === undefined ? [] : [[option.names.map((name) => `\`--${name}\``).join(', '), row]];
  });
  return table(`## ${call}`, 'option of MHA', Object.fromEntries(named));
}

function dashed(rows: Rows): Rows {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [`\`--${name}\``, row]));
}

function quoted(rows: Rows): Rows {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [`\`${name}\``, row]));
}

function table(title: string, what: string, rows: Rows): string {
  const lines = Object.entries(rows).map(([name, { verdict, why, tests }]) => {
    const judged = why === undefined ? verdict : `**${verdict}**: ${why}`;
    return `| ${[name, judged, tests.map(link).join('; ')].map(cell).join(' | ')} |`;
  });
  return [title, '', `| ${what} | here | shown by |`, '| --- | --- | --- |', ...lines].join('\n');
}

function link(reference: TestReference): string {
  const [file = '', title = ''] = reference.split(' › ');
  return `[${title.replaceAll(/[[\]<>*_]/g, String.raw`\$&`)}](../test/${file})`;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
