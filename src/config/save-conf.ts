import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeError, Fault } from '../model/fault.js';
import type { ConfText } from './read-text.js';

/**
 * Replaces a configuration file whole, with the same owner and mode: readers see the old text or the new one, over a crash too.
 * A link stays a link, and bytes that were no UTF-8 stay the same bytes. Throws CONF_UNWRITABLE.
 */
export async function saveConf({ file, isUtf8 }: Pick<ConfText, 'file' | 'isUtf8'>, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    const target = await realpath(file);
    const { mode, uid, gid } = await stat(target);
    const beside = path.join(path.dirname(target), path.basename(temporary));
    try {
      const draft = await open(beside, 'wx', 0o600);
      try {
        await draft.writeFile(text, isUtf8 ? 'utf8' : 'latin1');
        // Owner first: changing it takes special bits of the mode away.
        await draft.chown(uid, gid);
        await draft.chmod(mode & 0o7777);
        await draft.sync();
      } finally {
        await draft.close();
      }
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    const directory = await open(path.dirname(target), 'r');
    await directory.sync().finally(() => directory.close());
  } catch (cause) {
    throw new Fault('CONF_UNWRITABLE', { file, reason: describeError(cause) }, { cause });
  }
}
