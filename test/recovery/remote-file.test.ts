import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PullReader } from '../../src/recovery/pull-reader.js';
import { RemoteFile } from '../../src/recovery/remote-file.js';

describe('a file that is read where it lies', () => {
  it('shares one transfer between reads that follow on each other', async () => {
    const opened: number[] = [];
    const file = new RemoteFile((position) => {
      opened.push(position);
      return Promise.resolve(new PullReader(Readable.from([Buffer.from('0123456789').subarray(position)]), 1000));
    });
    const into = Buffer.alloc(10, '-');
    expect(await file.read(into, 2, 3, 1)).toEqual({ bytesRead: 3 });
    expect(await file.read(into, 5, 2, 4)).toEqual({ bytesRead: 2 });
    expect(into.toString()).toBe('--12345---');
    expect(await file.read(into, 0, 4, 8)).toEqual({ bytesRead: 2 });
    expect(into.toString()).toBe('8912345---');
    expect(opened).toEqual([1, 8]);
    await file.close();
  });
});
