import { expect, it } from 'vitest';
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
