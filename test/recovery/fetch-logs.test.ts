import { describe, expect, it } from 'vitest';
import { compareCoordinates, type Coordinates } from '../../src/model/coordinates.js';
import { Fault } from '../../src/model/fault.js';
import { serverId } from '../../src/model/settings.js';
import type { Defect, SavedRange, SourceLog, TailRequest } from '../../src/ports/recovery.js';
import { fetchLogs } from '../../src/recovery/fetch-logs.js';
import type { FetchRequest } from '../../src/recovery/open-tail.js';

const at = (position: number): Coordinates => ({ file: 'bin.000003', position });

/** A log by its host: what it says it has, and what comes when it is fetched. */
interface Made {
  readonly host: string;
  readonly claims: number;
  readonly gives?: number;
  readonly defect?: Defect['kind'];
  readonly fails?: Error;
  readonly isDisk?: true;
}

const disk = (made: Omit<Made, 'host' | 'isDisk'>): Made => ({ host: 'disk', isDisk: true, ...made });

async function run(made: readonly Made[], changes: Partial<TailRequest> = {}, signal = new AbortController().signal) {
  const asked: FetchRequest[] = [];
  const logs = made.map(({ host, claims, isDisk }): SourceLog => ({
    host: serverId(host, 1),
    binlogBase: `/${host}/bin`,
    end: at(claims),
    ...(isDisk === true ? {} : { copy: `block ${host}` }),
  }));
  const fetchOne = (request: FetchRequest): Promise<SavedRange> => {
    asked.push(request);
    const one = made.find(({ host }) => serverId(host, 1) === request.host);
    if (one?.fails !== undefined) return Promise.reject(one.fails);
    const to = at(Math.max(request.from.position, one?.gives ?? one?.claims ?? 0));
    const empty = { bytes: 0, transactions: 0, gtids: '', files: [] };
    const kind = one?.defect;
    return Promise.resolve({
      ...empty,
      from: request.from,
      to,
      ...(kind === undefined ? {} : { defect: { kind, at: to, text: kind } }),
    });
  };
  const ranges = await fetchLogs({ logs, from: at(100), ...changes }, 7, fetchOne, signal);
  const words = ranges.map(
    ({ host, from, to }) => `${host.split(':')[0] ?? ''} ${String(from.position)}-${String(to.position)}`,
  );
  return { words, ranges, asked };
}

describe('a tail from several logs', () => {
  it.each<[string, readonly Made[], readonly string[]]>([
    ['the disk has it all', [disk({ claims: 900 }), { host: 'x', claims: 900 }], ['disk 100-900']],
    [
      'a copy has more than the disk',
      [disk({ claims: 500 }), { host: 'x', claims: 900 }],
      ['disk 100-500', 'x 500-900'],
    ],
    [
      'the disk is encrypted',
      [disk({ claims: 990, gives: 100, defect: 'encrypted' }), { host: 'x', claims: 900 }],
      ['disk 100-100', 'x 100-900'],
    ],
    [
      'the disk is torn, and the copy less so',
      [disk({ claims: 800, gives: 700, defect: 'torn' }), { host: 'x', claims: 750 }],
      ['disk 100-700', 'x 700-750'],
    ],
    [
      'the disk cannot be read',
      [disk({ claims: 800, fails: new Error('I/O error') }), { host: 'x', claims: 700 }],
      ['disk 100-100', 'x 100-700'],
    ],
    [
      'the furthest copy has a defect',
      [
        { host: 'x', claims: 900, gives: 300, defect: 'checksum' },
        { host: 'y', claims: 800 },
        { host: 'z', claims: 200 },
      ],
      ['x 100-300', 'y 300-800'],
    ],
    ['a copy that is asked for its very end', [{ host: 'x', claims: 100 }], ['x 100-100']],
    [
      'no copy has come so far',
      [
        { host: 'x', claims: 99 },
        { host: 'y', claims: 50 },
      ],
      [],
    ],
    ['a disk that has grown since', [disk({ claims: 50, gives: 200 })], ['disk 100-200']],
  ])('comes where %s', async (_, made, words) => {
    const { words: seen, ranges } = await run(made);
    expect(seen).toEqual(words);
    for (const [index, { from }] of ranges.entries())
      expect(compareCoordinates(from, ranges[index - 1]?.to ?? at(100))).toBe(0);
  });

  it('takes files of a copy only if the source wrote them, and its own whatever its id was', async () => {
    const { asked } = await run([disk({ claims: 500 }), { host: 'x', claims: 900 }]);
    expect(asked.map(({ ofServer }) => ofServer)).toEqual([undefined, 7]);
  });

  it('ends at the place that was asked for', async () => {
    const { words } = await run([disk({ claims: 500 }), { host: 'x', claims: 900 }], { until: at(500) });
    expect(words).toEqual(['disk 100-500']);
  });

  it('says of a log that could not be begun why, if another one gave something', async () => {
    const { ranges } = await run([disk({ claims: 800, fails: new Error('I/O error') }), { host: 'x', claims: 700 }]);
    expect(ranges[0]?.defect).toMatchObject({ kind: 'unreadable', text: 'I/O error' });
    expect(ranges[1]).toMatchObject({ copy: 'block x' });
  });

  it('fails where none could be begun', async () => {
    const failing = [
      disk({ claims: 800, fails: new Error('I/O error') }),
      { host: 'x', claims: 700, fails: new Error('no') },
    ];
    await expect(run(failing)).rejects.toThrow('I/O error');
  });

  it('asks no other one for what is too long, or when it was aborted', async () => {
    const tooLong = new Fault('RESCUE_TOO_LONG', { server: 'a replica', limit: 1, needed: 2 });
    await expect(run([disk({ claims: 800, fails: tooLong }), { host: 'x', claims: 700 }])).rejects.toBe(tooLong);
    const control = new AbortController();
    control.abort(new Error('enough'));
    const lost = [disk({ claims: 800, fails: new Error('lost') }), { host: 'x', claims: 700 }];
    await expect(run(lost, {}, control.signal)).rejects.toThrow('enough');
  });
});
