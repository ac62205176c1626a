import { statfs } from 'node:fs/promises';

/** Bytes that an ordinary user may still write in this directory's file system. */
export async function freeBytes(directory: string): Promise<number> {
  const space = await statfs(directory);
  return space.bavail * space.bsize;
}

/** Whether so many bytes may be kept there and the reserve stays free. */
export async function hasRoom(directory: string, bytes: number, reserve: number): Promise<boolean> {
  return (await freeBytes(directory)) - bytes >= reserve;
}
