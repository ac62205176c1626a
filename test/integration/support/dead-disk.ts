import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import { tryCommand } from '../../../src/sandbox/command.js';
import type { Family } from '../../../src/sandbox/family/family.js';
import { type RowId, rowId } from '../../../src/sandbox/proof-reader.js';

/** The files of a host's binary log, oldest first, whether its server lives or not. */
export function binlogsOf(cluster: Cluster, name: string): readonly string[] {
  const folder = cluster.host(name).server.dataFolder;
  const files = readdirSync(folder).filter((file) => /^mysql-bin\.\d+$/.test(file));
  return files.sort().map((file) => join(folder, file));
}

/**
 * The writer's rows in binary log files in their order, read by the family's own program, which must read them without a
 * complaint; a `torn` last file it reads up to its defect. What is large lies in other schemas and is not printed.
 */
export async function rowsInBinlogs(
  family: Family,
  files: readonly string[],
  end: 'whole' | 'torn' = 'whole',
): Promise<readonly RowId[]> {
  const rows: RowId[] = [];
  // One at a time: a saved piece is a file of its own and not the next one's beginning.
  for (const [index, file] of files.entries()) {
    const options = ['--no-defaults', '--base64-output=decode-rows', '-v', '--database=app'];
    const argv = [...family.programs().binlogReader, ...options, file];
    const { code, stdout, stderr } = await tryCommand(argv, { deadlineMs: 60_000 });
    const mayComplain = end === 'torn' && index === files.length - 1;
    if (code !== 0 && !mayComplain)
      throw new Error(`${family.title}'s own program cannot read ${file}: ${stderr.trim()}`);
    for (const [, worker = '', n = ''] of stdout.matchAll(insert)) rows.push(rowId(worker, n));
  }
  return rows;
}

const insert = /INSERT INTO `app`.`(?:entries|ledger)`\n### SET\n### {3}@1=(\d+)\n### {3}@2=(\d+)/g;
