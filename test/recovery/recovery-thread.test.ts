import { expect, it, vi } from 'vitest';
import { startRecovery } from '../../src/recovery/recovery-thread.js';
import { id } from '../support/picture.js';

/** Does what it is told, and dies of being warmed. */
const program = `
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', ({ id, call }) => {
    if (call?.kind === 'warm') throw new Error('gone');
    parentPort.postMessage({ kind: 'done', id, answer: { kind: 'nothing' } });
  });
`;

it('is begun with another thread where the first one has died since, as it may while nobody needs it', async () => {
  const notices: string[] = [];
  const recovery = startRecovery({
    hosts: [],
    minFreeBytes: 0,
    onNotice: (text) => notices.push(text),
    entry: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
  });
  const source = { id: id('a'), serverId: 1, gtidMode: '', domainId: 0, runDir: '/run' };
  try {
    await recovery.begin(source);
    await expect(recovery.warm()).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
    await expect(recovery.end()).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
    expect(await recovery.died).toBe('gone');
    await recovery.begin(source);
    await recovery.end();
    expect(notices).toEqual(['the recovery thread had died: another one is started']);
  } finally {
    await recovery.close();
  }
});

/** Answers until it is warmed, and nothing from then on. */
const stuckProgram = `
  import { parentPort } from 'node:worker_threads';
  let isStuck = false;
  parentPort.on('message', ({ id, call }) => {
    isStuck ||= call?.kind === 'warm';
    if (!isStuck) parentPort.postMessage({ kind: 'done', id, answer: { kind: 'nothing' } });
  });
`;

it('is given up where the thread does not answer: nobody waits for it again, and another one is begun', async () => {
  const entry = new URL(`data:text/javascript,${encodeURIComponent(stuckProgram)}`);
  const recovery = startRecovery({ hosts: [], minFreeBytes: 0, entry });
  const source = { id: id('a'), serverId: 1, gtidMode: '', domainId: 0, runDir: '/run' };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const warming = expect(recovery.warm()).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
    const beginning = recovery.begin(source);
    await vi.advanceTimersByTimeAsync(30_000);
    await Promise.all([warming, beginning]);
  } finally {
    vi.useRealTimers();
    await recovery.close();
  }
});

it('is told to be gone where no thread lives long enough to begin', async () => {
  const entry = new URL(`data:text/javascript,${encodeURIComponent("throw new Error('no memory')")}`);
  const notices: string[] = [];
  const recovery = startRecovery({ hosts: [], minFreeBytes: 0, entry, onNotice: (text) => notices.push(text) });
  const source = { id: id('a'), serverId: 1, gtidMode: '', domainId: 0, runDir: '/run' };
  try {
    await expect(recovery.begin(source)).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
    expect(notices).toHaveLength(1);
  } finally {
    await recovery.close();
  }
});
