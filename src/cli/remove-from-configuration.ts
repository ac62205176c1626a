import { withoutBlock } from '../config/edit-conf.js';
import { readText } from '../config/read-text.js';
import { saveConf } from '../config/save-conf.js';
import { describeError } from '../model/fault.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';

/** MHA's --remove_dead_master_conf. A file that cannot be changed does not make a good run a bad one: it is said. */
export async function removeFromConfiguration(
  { confFile, servers }: ClusterSettings,
  id: ServerId,
  say: (text: string) => void,
): Promise<void> {
  const block = servers.find((server) => server.id === id)?.block;
  try {
    const read = await readText(confFile);
    const changed = read === undefined || block === undefined ? undefined : withoutBlock(read.text, block);
    if (read === undefined || changed === undefined) throw new Error('it has no block there any more');
    await saveConf(read, changed);
    say(`${id} was taken out of ${confFile}`);
  } catch (error) {
    say(`warning: ${id} could not be taken out of ${confFile}: ${describeError(error)}`);
  }
}
