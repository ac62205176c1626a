import { describe, expect, it } from 'vitest';
import { layOutSavedFile } from '../../src/binlog/saved-file.js';
import { BinlogWalker } from '../../src/binlog/walker.js';
import { fixtureBytes, sourceFixture } from './fixture.js';

function save(bytes: Buffer, description: Buffer, from: number, to: number): Buffer {
  const layout = layOutSavedFile(description, from);
  const saved = Buffer.alloc(layout.offsetOf(to));
  bytes.copy(saved, layout.offsetOf(from), from, to);
  layout.head.copy(saved, 0);
  return saved;
}

describe('a saved file', () => {
  it('of a whole file is that file with its in-use flag off', () => {
    const bytes = fixtureBytes('killed');
    const { file, end } = sourceFixture('killed');
    const walker = new BinlogWalker({ file });
    walker.push(bytes);
    const saved = save(bytes, walker.description ?? Buffer.alloc(0), 4, end);
    const different = [...saved.keys()].filter((at) => saved[at] !== bytes[at]);
    expect(saved.length).toBe(end);
    expect(different).toEqual([4 + 17]);
  });

  it('of a range walks as a file of its own, with the range’s transactions', () => {
    const bytes = fixtureBytes('row');
    const { file, events, end } = sourceFixture('row');
    const walker = new BinlogWalker({ file });
    walker.push(bytes);
    const starts = events.filter(({ type }) => type === 'Gtid').map(({ position }) => position);
    for (const [index, from] of starts.entries()) {
      const saved = save(bytes, walker.description ?? Buffer.alloc(0), from, end);
      const again = new BinlogWalker({ file });
      again.push(saved);
      expect(again.defectAtEnd()).toBeUndefined();
      expect(again.transactions).toBe(starts.length - index);
    }
  });
});
