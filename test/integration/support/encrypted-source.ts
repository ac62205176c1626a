/** Sources whose binary logs are encrypted, by the keys and plug-ins that their own packages bring. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster, ClusterOptions } from '../../../src/sandbox/cluster.js';
import type { FamilyName } from '../../../src/sandbox/family/family.js';
import { familyOf } from '../../../src/sandbox/family/choose.js';

export type EncryptingFamily = Exclude<FamilyName, 'mysql56'>;

/** Debian's mariadb-server brings it; mariadb-server-core, which is all that the other tests need, does not. */
const mariadbPlugins = process.env['MARIADB_PLUGIN_DIR'] ?? '/usr/lib/mysql/plugin';

/** Why no log can be encrypted here; undefined where one can. */
export function whyNoEncryption(family: EncryptingFamily): string | undefined {
  const file = keyPlugin(family);
  return existsSync(file) ? undefined : `no ${file} (for MariaDB, MARIADB_PLUGIN_DIR says where else it is)`;
}

function keyPlugin(family: EncryptingFamily): string {
  return family === 'mariadb'
    ? join(mariadbPlugins, 'file_key_management.so')
    : join(optionOf('plugin_dir'), 'component_keyring_file.so');
}

function optionOf(name: string): string {
  const option = familyOf('mysql97')
    .programs()
    .ownFiles.find((text) => text.startsWith(`${name}=`));
  return option?.slice(name.length + 1) ?? '';
}

/** MariaDB encrypts from its first file on. `folder` must be seen by every host. */
export async function encryptingOptions(
  family: EncryptingFamily,
  folder: string,
  servers: readonly string[],
): Promise<Pick<ClusterOptions, 'perServer'>> {
  if (family === 'mysql97') return {};
  const keys = join(folder, 'keys');
  await writeFile(keys, `1;${'a7addd9adea9978f'.repeat(4)}\n`, { mode: 0o600 });
  const options = [
    `plugin_dir=${mariadbPlugins}`,
    'plugin_load_add=file_key_management',
    `file_key_management_filename=${keys}`,
    'encrypt_binlog=1',
  ];
  return { perServer: Object.fromEntries(servers.map((name) => [name, options])) };
}

/**
 * MySQL looks for a keyring beside its program and its plug-ins, so the source is started again from a copy of them
 * that has one; then its log goes on encrypted.
 */
export async function encryptFromNowOn(cluster: Cluster, family: EncryptingFamily, name: string): Promise<void> {
  if (family === 'mariadb') return;
  const { server } = cluster.host(name);
  const folder = join(cluster.folder, `keyring-${name}`);
  const plugins = join(folder, 'plugins');
  await mkdir(plugins, { recursive: true });
  const words = cluster.family.programs().server;
  const program = join(folder, 'mysqld');
  await copyFile(words.at(-1) ?? '', program);
  await copyFile(keyPlugin(family), join(plugins, 'component_keyring_file.so'));
  await writeFile(join(folder, 'mysqld.my'), '{"components": "file://component_keyring_file"}');
  const keyring = { path: join(folder, 'keyring'), read_only: false };
  await writeFile(join(plugins, 'component_keyring_file.cnf'), JSON.stringify(keyring));
  // Not SIGTERM: this server then waits ten seconds for the clients that it has.
  await cluster.killServer(name);
  const argv = [...words.slice(0, -1), program, `--defaults-file=${server.optionFile}`, `--plugin-dir=${plugins}`];
  cluster.spawnIn(name, [...argv, '--binlog-encryption=ON'], { stdio: 'ignore' });
  await server.ready();
}
