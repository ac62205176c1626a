import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acknowledged, formatLine, readWriterLog } from '../../src/sandbox/writer-log.js';

describe("the writer's log", () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync('/tmp/writer-log-');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads back what was written and leaves a cut-off last line out', () => {
    const file = join(folder, 'log');
    const ack = { e: 'ack', t: '12345678901234567890', w: 2, n: 7, s: 1 } as const;
    writeFileSync(file, `${formatLine({ e: 'try', t: '5', w: 2, n: 7, s: 1 })}${formatLine(ack)}{"e":"ack","t":"9`);
    const lines = readWriterLog(file);
    expect(lines).toHaveLength(2);
    expect(acknowledged(lines)).toEqual([{ at: 12345678901234567890n, worker: 2, n: 7, server: 1 }]);
  });

  it('refuses a line that is none of its own', () => {
    const file = join(folder, 'log');
    writeFileSync(file, '{"x":1}\n');
    expect(() => readWriterLog(file)).toThrow('Not a line');
  });
});
