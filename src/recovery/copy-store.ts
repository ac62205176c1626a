import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { layOutSavedFile, type SavedFileLayout } from '../binlog/saved-file.js';
import { firstPosition } from '../model/coordinates.js';

/** Where the bytes of one file's range go, and where readers find them. */
export interface CopyStore {
  /** What an extent names; whoever serves opens it by this. */
  readonly path: string;
  readonly isKept: boolean;
  offsetOf(position: number): number;
  write(piece: Buffer, position: number): Promise<void>;
  /** Makes what was written last, so that finishing has little left to do. */
  flush(): Promise<void>;
  /** Cuts behind the last place that is proven whole, and makes it last. */
  finish(verifiedUpTo: number): Promise<void>;
}

/** A file of the work directory: a valid binary log of its own, readable by its owner alone. */
export async function keepIn(
  folder: string,
  range: { readonly file: string; readonly from: number; readonly description: Buffer },
): Promise<CopyStore> {
  const { file, from, description } = range;
  const layout = layOutSavedFile(description, from);
  const { path, handle } = await createFile(folder, from <= firstPosition ? file : `${file}.from-${String(from)}`);
  return {
    path,
    isKept: true,
    offsetOf: (position) => layout.offsetOf(position),
    write: (piece, position) => writeWhole(handle, piece, layout.offsetOf(position)),
    flush: () => handle.datasync(),
    finish: async (verifiedUpTo) => {
      try {
        await settle(handle, layout, verifiedUpTo);
      } finally {
        await handle.close();
      }
      // Nothing that could be served from it: an empty log would only puzzle who looks into the folder later.
      if (verifiedUpTo <= from) await unlink(path);
    },
  };
}

/** Bytes that stay where they are: verified on their way past, and read there again by whoever serves them. */
export function leaveAt(path: string): CopyStore {
  return {
    path,
    isKept: false,
    offsetOf: (position) => position,
    write: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    finish: () => Promise.resolve(),
  };
}

export async function writeWhole(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

/** A new file: a second fetch of the same range must not write over what is being served from the first. */
export async function createFile(folder: string, name: string): Promise<{ path: string; handle: FileHandle }> {
  for (let copy = 1; ; copy++) {
    const path = join(folder, copy === 1 ? name : `${name}.copy-${String(copy)}`);
    try {
      return { path, handle: await open(path, 'wx+', 0o600) };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function settle(handle: FileHandle, layout: SavedFileLayout, verifiedUpTo: number): Promise<void> {
  // The range's own first bytes may have been written over it, with the in-use flag that a killed server leaves.
  await writeWhole(handle, layout.head, 0);
  await handle.truncate(Math.max(layout.head.length, layout.offsetOf(verifiedUpTo)));
  await handle.sync();
}
