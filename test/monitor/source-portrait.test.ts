import { expect, it } from 'vitest';
import { SourcePortrait } from '../../src/monitor/source-portrait.js';
import type { Reach } from '../../src/model/picture.js';
import { id, mysql97, serverState } from '../support/picture.js';

const turns = 20;

/** Its process is found at the first look. */
const host = [
  'uid 0',
  'uptime 100000.50 1.00',
  'proc visible',
  'net readable',
  'data there',
  `process 900 (mysqld) S 1 ${'0 '.repeat(17)}5000 0 0`,
  'cwd data',
  'cmd /usr/sbin/mysqld\t',
  '',
].join('\n');

/** A source whose gtid_mode is what `says` gives. */
function portraitOf(says: () => Reach): SourcePortrait {
  const door = { open: () => Promise.resolve(), run: () => Promise.resolve({ code: 0, stdout: host, stderr: '' }) };
  const servers = { reach: () => Promise.resolve(says()) };
  return new SourcePortrait({ id: id('a'), hostname: 'a', address: '10.0.0.1', port: 3306 }, {
    servers,
    door,
  } as unknown as ConstructorParameters<typeof SourcePortrait>[1]);
}

function answered(mode: string): Reach {
  const state = serverState('a', { version: mysql97 });
  return { kind: 'answered', state: { ...state, gtid: { ...state.gtid, mode } } };
}

it('knows what was changed while its one connection lasted', async () => {
  let mode = 'OFF';
  const portrait = portraitOf(() => answered(mode));
  await portrait.draw();
  expect(portrait.remembered.record?.pid).toBe(900);
  mode = 'ON';
  for (let turn = 1; turn <= turns; turn += 1) await portrait.keepWarm(1_000);
  expect(portrait.remembered.state?.gtid.mode).toBe('ON');
});

it('keeps what it knows when nobody answers any more', async () => {
  let reach = answered('ON');
  const portrait = portraitOf(() => reach);
  await portrait.draw();
  reach = { kind: 'no-answer', message: '' };
  for (let turn = 1; turn <= turns; turn += 1) await portrait.keepWarm(1_000);
  expect(portrait.remembered.state?.gtid.mode).toBe('ON');
});
