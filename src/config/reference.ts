import type { Key, Level } from './key.js';
import { type KeyName, keyGroups, keys } from './keys.js';

/** The text of docs/configuration.md, made from the table of keys. A test holds the file against it. */
export function configurationReference(): string {
  return `${[introduction, ...keyGroups.map(({ title, names }) => chapter(title, names))].join('\n\n')}\n`;
}

const introduction = `# Configuration reference

<!-- Generated from the table of keys in src/config/keys; changes made here are lost. -->

One file describes one cluster, in the format of MHA; a file written for MHA works unchanged. \`conf/app1.cnf\` is a
commented sample. What counts in the end, and where each value came from, shows \`mha-ts config show --effective\`.

## Files

The application's file is the first of these: \`--conf FILE\`, the environment variable \`MHA_CONF\`, \`./app1.cnf\`,
\`./conf/app1.cnf\`, the only \`*.cnf\` in \`/etc/mha/\`. The program says which one it took; where \`/etc/mha/\` holds several,
it asks for \`--conf\`. The name of the file without its ending is the name of the cluster.

\`--global-conf FILE\` (default \`/etc/masterha_default.cnf\`, which need not exist) holds defaults that several clusters
share. Only its block \`[server default]\` is read.

## Blocks and inheritance

| block | holds |
| --- | --- |
| \`[server default]\` | defaults for all servers, and what belongs to the cluster as a whole |
| \`[serverN]\` | one database server; any name that begins with "server" |
| \`[binlogN]\` | a host that keeps copies of the source's binary logs under the source's own file names |

A server's value is the one in its own block, else what \`init_conf_load_script\` printed, else the one in the application's
\`[server default]\`, else the one in the global file, else the default. The tables below say at which levels a key has an
effect; elsewhere it is passed over, with a warning.

The order of the servers breaks ties in an election: by the first number in the blocks' names where every name has one
(\`server2\` before \`server10\`), by name otherwise.

## Format

- \`key = value\`; blanks around both are dropped, and a further \`=\` belongs to the value.
- A comment is a line that begins with \`#\` or \`;\`. Behind a value a comment begins at \` ; \` (blank, semicolon, blank);
  a \`#\` there belongs to the value.
- A quote at the end of a value is removed, together with one at the beginning. This is done once; MHA did it again on
  each level of inheritance.
- A block may be repeated; of a repeated key the last value counts.
- An unknown key, an unknown block or a value out of range is an error, shown with file, line and repair.
- A file with passwords should be readable by its owner alone: \`chmod 600 FILE\`.`;

function chapter(title: string, names: readonly KeyName[]): string {
  return [`## ${title}`, ...names.map((name) => section(name, keys[name]))].join('\n\n');
}

function section(name: KeyName, key: Key<unknown>): string {
  const facts = [
    `Levels: ${describeLevels(key.levels)}.`,
    `Value: ${key.shape}.`,
    `Default: ${describeDefault(key)}.`,
    ...(key.own === true ? ['Not in MHA.'] : []),
  ];
  return [`### \`${name}\``, key.meaning, ...(key.note === undefined ? [] : [key.note]), facts.join(' ')].join('\n\n');
}

function describeLevels(levels: readonly Level[]): string {
  const words: Readonly<Record<Level, string>> = { server: 'server', app: 'application', global: 'global' };
  return levels.map((level) => words[level]).join(', ');
}

function describeDefault(key: Key<unknown>): string {
  if (key.defaultNote !== undefined) return key.defaultNote;
  if (key.default === undefined) return 'none';
  return key.default === '' ? 'empty' : `\`${key.default}\``;
}
