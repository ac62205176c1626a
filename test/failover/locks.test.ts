import { describe, expect, it } from 'vitest';
import { lockThoseThatAnswer, takeFailoverLocks, takeMonitorLock } from '../../src/failover/locks.js';
import { Fault } from '../../src/model/fault.js';
import type { ServerId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import type { Servers } from '../../src/ports/servers.js';
import { id } from '../support/picture.js';

const replicas = [id('b'), id('c'), id('d')];
const gone = (server: ServerId): Fault => new Fault('SQL_CONNECTION_LOST', { server, message: 'reset' });
const noLogin = (server: ServerId): Fault => new Fault('SQL_NOT_CONNECTED', { server, message: 'refused' });
const hung = (server: ServerId): Fault => new Fault('SQL_NO_ANSWER', { server, statement: 'GET_LOCK', deadlineMs: 1 });
const refused = (server: ServerId): Fault => new Fault('SQL_FAILED', { server, errno: 1045, message: 'denied' });

/** What each replica does with the question: answers it, or fails with this. */
function asked(answers: Readonly<Record<string, number | ((server: ServerId) => Fault)>>): {
  servers: Servers;
  open: Set<ServerId>;
} {
  const open = new Set<ServerId>();
  const servers = {
    hold: (server: ServerId) => {
      const answer = answers[server];
      if (answer === noLogin) return Promise.reject(noLogin(server));
      open.add(server);
      return Promise.resolve({
        ask: () => (typeof answer === 'function' ? Promise.reject(answer(server)) : Promise.resolve([{ answer }])),
        close: () => open.delete(server),
      });
    },
    dialect: () => ({ takeLock: () => statement('GET_LOCK') }),
  };
  return { servers: servers as unknown as Servers, open };
}

const { signal } = new AbortController();

describe('the failover locks', () => {
  it.each([
    ['broke', gone],
    ['takes nobody', noLogin],
    ['hangs', hung],
  ])('are taken without a replica whose connection %s', async (_what, how) => {
    const { servers, open } = asked({ 'b:3306': 1, 'c:3306': how, 'd:3306': 1 });
    const { sessions, silent } = await lockThoseThatAnswer(servers, replicas, 1, signal);
    expect([...silent.keys()]).toEqual([id('c')]);
    expect(sessions).toHaveLength(2);
    expect([...open]).toEqual([id('b'), id('d')]);
  });

  it.each([
    ['is held by somebody', 0, 'LOCK_HELD'],
    ['is refused', refused, 'SQL_FAILED'],
  ])('are given back when one %s, though another replica is gone', async (_what, how, code) => {
    const { servers, open } = asked({ 'b:3306': 1, 'c:3306': gone, 'd:3306': how });
    await expect(lockThoseThatAnswer(servers, replicas, 1, signal)).rejects.toMatchObject({ code });
    expect([...open]).toEqual([]);
  });

  it('of a switch are all taken, or none', async () => {
    const { servers, open } = asked({ 'b:3306': 1, 'c:3306': gone, 'd:3306': 1 });
    await expect(takeFailoverLocks(servers, replicas, 0, signal)).rejects.toMatchObject({
      code: 'SQL_CONNECTION_LOST',
    });
    expect([...open]).toEqual([]);
  });
});

describe('the lock of whoever watches the source', () => {
  it('keeps a switch from leaving a manager behind that watches the old source', async () => {
    const { servers, open } = asked({ 'b:3306': 0 });
    await expect(takeMonitorLock(servers, id('b'), signal)).rejects.toMatchObject({ code: 'SOURCE_WATCHED' });
    expect([...open]).toEqual([]);
  });

  it('is held by a switch, so that no manager begins meanwhile', async () => {
    const { servers, open } = asked({ 'b:3306': 1 });
    (await takeMonitorLock(servers, id('b'), signal)).close();
    expect([...open]).toEqual([]);
  });
});
