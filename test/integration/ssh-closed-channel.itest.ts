import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOwnSshd, type OwnSshd } from './own-sshd.js';
import { closeDoors, doorTo } from './ssh-doors.js';
import { describeWithServers } from './support/with-cluster.js';

/** Nearly all of the window that ssh2 gives a channel: 2 MiB. */
const window = 2_000_000;
const deadlineMs = 20_000;

/** Keeps this thread from reading: what the other side has sent stays in the socket. */
function block(what: string, until: () => boolean): void {
  for (const end = Date.now() + deadlineMs; !until();) {
    if (Date.now() > end) throw new Error(`${what} did not come`);
  }
}

describeWithServers('a stream that was given up', () => {
  let sshd: OwnSshd;

  beforeEach(async () => {
    sshd = await createOwnSshd(['LogLevel DEBUG2']);
  });
  afterEach(async () => {
    closeDoors();
    await sshd.remove();
  });

  // A grant that the next channel gets makes its server send more than is counted here, and ssh2 drops a part of that.
  it('leaves no grant of window to the next one, which has its number', async () => {
    const [file, mark] = [join(sshd.dir, 'file'), join(sshd.dir, 'mark')];
    writeFileSync(file, Buffer.alloc(2 * window));
    const log = (): string => readFileSync(join(sshd.dir, 'sshd.log'), 'utf8');
    const door = doorTo(sshd, { warmth: { count: 0, afterMs: 0 } });
    const given = await door.read(`head -c ${String(window)} ${file}; touch ${mark}; cat ${file}`);
    await once(given, 'readable');
    block('the end of the window', () => existsSync(mark));
    given.on('error', () => undefined).destroy();
    block('the end of the channel', () => log().includes('channel 0: free: server-session'));
    await door.run('true', { deadlineMs });
    const [, , next = ''] = log().split('channel 0: new session');
    const [asked = '', ...rest] = next.split('request exec');
    expect(rest).toHaveLength(1);
    expect(asked).not.toContain('rcvd adjust');
  });
});
