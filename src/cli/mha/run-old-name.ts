import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { helpText } from './help.js';
import { oldNames } from './names.js';
import { translate } from './translate.js';
import { outliveOutput } from '../outlive-output.js';
import { run } from '../run.js';

/** The version of MHA whose options and exit codes these commands have. */
const mhaVersion = '0.58';

/** What the files in `bin/` of MHA's names call: the words are translated, then it is a command of ours. */
export async function runOldName(name: string, url: string): Promise<void> {
  const old = oldNames.find((one) => one.name === name);
  if (old === undefined) throw new Error(`bug: ${name} is no command of MHA`);
  outliveOutput(process);
  const meant = translate(old, process.argv.slice(2));
  switch (meant.kind) {
    case 'help':
      process.stdout.write(helpText(old));
      return;
    case 'version':
      process.stdout.write(`${name} version ${mhaVersion}.\nmha-ts ${await ownVersion(url)}\n`);
      return;
    case 'refused':
      process.stdout.write(`${[...meant.lines, ...(meant.help ? ['', helpText(old)] : [])].join('\n')}\n`);
      process.exitCode = meant.exit;
      return;
    case 'run': {
      const { globalConf, shape } = meant;
      const isMissing = globalConf !== undefined && !existsSync(globalConf);
      const warnings = [
        ...meant.warnings,
        ...(isMissing ? [`there is no global configuration file ${globalConf}; MHA goes on without it`] : []),
      ];
      const said = warnings.map((warning) => `warning: ${warning}`);
      for (const text of said) process.stderr.write(`${text}\n`);
      const words = isMissing ? meant.words.filter((word) => !word.startsWith('--global-conf=')) : meant.words;
      const before = said.map((text) => `--said-before=${text}`);
      await run(url, [...words, ...before], (code) => (shape.exits.includes(code) ? code : shape.failure));
    }
  }
}

async function ownVersion(url: string): Promise<string> {
  const text = await readFile(new URL('../package.json', url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
