// Writes the generated pages; with --check it only says whether they are what the code says.
import { readFileSync, writeFileSync } from 'node:fs';
import { compatibilityReference } from '../dist/cli/mha/compatibility/page.js';
import { mhaReference } from '../dist/cli/mha/reference.js';
import { configurationReference } from '../dist/config/reference.js';
import { errorReference } from '../dist/report/error-reference.js';

const pages = {
  'docs/configuration.md': configurationReference(),
  'docs/errors.md': errorReference(),
  'docs/mha-commands.md': mhaReference(),
  'docs/mha-compatibility.md': compatibilityReference(),
};
const check = process.argv.includes('--check');
for (const [file, text] of Object.entries(pages)) {
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file} is not what the code says; run: npm run docs`);
    process.exitCode = 1;
  }
}
