/**
 * MariaDB's plug-ins, which Debian has in `mariadb-server`: a package that would start a service. Only its files are taken,
 * into a folder of our own; the key management among them is what a server needs that encrypts its binary log.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const downloadMs = 120_000;
/** Where the whole package puts them. */
const installed = '/usr/lib/mysql/plugin';
const wanted = 'file_key_management.so';

/** The folder with the plug-ins of the server that is installed; undefined where they cannot be had. */
export function mariadbPlugins(cache) {
  if (existsSync(join(installed, wanted))) return installed;
  const version = output('dpkg-query', ['-W', '-f', '${Version}', 'mariadb-server-core']);
  if (version === undefined) return undefined;
  const place = join(cache, `mariadb-plugins-${version.replace(/[^\w.+-]/g, '_')}`);
  if (existsSync(join(place, wanted))) return place;
  const draft = mkdtempSync(join(tmpdir(), 'mha-ts-plugins-'));
  try {
    const fetched = output('apt-get', ['download', `mariadb-server=${version}`], draft);
    const [file] = fetched === undefined ? [] : readdirSync(draft);
    if (file === undefined || output('dpkg', ['-x', file, 'root'], draft) === undefined) return undefined;
    const copy = mkdtempSync(`${place}.draft-`);
    cpSync(join(draft, 'root', installed), copy, { recursive: true });
    // Two at once: the second one finds the place taken and uses what is there.
    if (existsSync(place)) rmSync(copy, { recursive: true });
    else renameSync(copy, place);
    return place;
  } catch {
    // What needs them is skipped, and says what it lacks.
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function output(program, words, cwd) {
  const { status, stdout } = spawnSync(program, words, { cwd, timeout: downloadMs, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}
