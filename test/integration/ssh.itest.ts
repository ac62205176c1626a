import { createHash, randomBytes } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import { allPids, argumentsOf, stateOf } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { checkSsh } from '../../src/ssh/check.js';
import { openShells } from '../../src/ssh/doors.js';
import { command } from '../../src/ssh/quote.js';
import { freePort } from '../support/free-port.js';
import { createOwnSshd, type OwnSshd } from './own-sshd.js';
import { closeDoors, doorTo, id, keepOpen, notices, shellsTo, untilEnded, untilRunning } from './ssh-doors.js';

afterEach(() => {
  closeDoors();
});

async function countBytes(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}

async function readAll(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** One who is let in and never logs in; the probes of others may be in the way at first. */
async function firstStranger(port: number): Promise<Socket> {
  for (;;) {
    const stranger = connect({ host: '127.0.0.1', port });
    const [greeting] = (await once(stranger, 'data')) as [Buffer];
    if (greeting.toString().startsWith('SSH-')) return stranger;
    stranger.destroy();
  }
}

function isAsleep(words: readonly string[]): boolean {
  const pid = allPids().find((each) => argumentsOf(each).join(' ').trim() === words.join(' '));
  return pid !== undefined && stateOf(pid) === 'S';
}

async function echoServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return { server, port: address.port };
}

/** Passes connections on to a port and counts what comes back from there. */
async function countingRelay(port: number): Promise<{ server: Server; port: number; bytes: () => number }> {
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    far.on('data', (piece: Buffer) => (bytes += piece.length));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return { server, port: address.port, bytes: () => bytes };
}

describe('with an ordinary sshd', () => {
  let sshd: OwnSshd;
  beforeAll(async () => {
    sshd = await createOwnSshd();
  });
  afterAll(async () => {
    await sshd.remove();
  });

  it.each([
    { words: '-C', most: 4 },
    { words: '-o Compression=no', most: 12 },
  ])('compresses what comes when asked to ($words), and every byte is right', async ({ words, most }) => {
    const relay = await countingRelay(sshd.port);
    try {
      const options = `-i ${sshd.identity} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${words}`;
      const door = doorTo(sshd, { options, port: relay.port });
      // 10 MiB of text that is not one byte repeated, and its checksum from the other side.
      const text = 'seq 1 2000000 | head -c 10485760';
      const hash = createHash('sha256');
      for await (const piece of await door.read(text)) hash.update(piece as Buffer);
      const { stdout } = await door.run(`${text} | sha256sum`, { deadlineMs: 60_000 });
      expect(stdout.slice(0, 64)).toBe(hash.digest('hex'));
      expect(relay.bytes() / 2 ** 20).toBeLessThan(most);
      if (words !== '-C') expect(relay.bytes()).toBeGreaterThan(10 * 2 ** 20);
    } finally {
      closeDoors();
      relay.server.close();
    }
  });

  describe('run', () => {
    it('gives output and exit code apart', async () => {
      const result = await doorTo(sshd).run('echo out; echo err >&2; exit 3', { deadlineMs: 10_000 });
      expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    });

    it('has no exit code when a signal ended the command', async () => {
      const result = await doorTo(sshd).run('kill -9 $$; sleep 5', { deadlineMs: 10_000 });
      expect(result.code).toBeUndefined();
    });

    it('reports a syntax error as what the shell makes of it', async () => {
      const result = await doorTo(sshd).run('if then )', { deadlineMs: 10_000 });
      expect(result.code).toBeGreaterThan(0);
      expect(result.stderr).toMatch(/syntax/i);
    });

    it('passes quoted words and input through unchanged', async () => {
      const words = ["it's", '$HOME `id`', '\\', 'a\nb', '*', ''];
      const text = `printf '%s|' ${command(...words)}; cat`;
      const result = await doorTo(sshd).run(text, { deadlineMs: 10_000, stdin: 'input\n' });
      expect(result.stdout).toBe(`${words.join('|')}|input\n`);
    });

    it('gives no input to a command that was given none', async () => {
      expect((await doorTo(sshd).run('cat; echo end', { deadlineMs: 10_000 })).stdout).toBe('end\n');
    });

    it('cuts output at the limit and still sees the end', async () => {
      const result = await doorTo(sshd).run('head -c 9000000 /dev/zero; exit 4', { deadlineMs: 20_000, maxBytes: 100 });
      expect([result.code, result.stdout.length]).toEqual([4, 100]);
    });

    it('ends at its deadline, and the command on the host ends too, with its children', async () => {
      const door = doorTo(sshd);
      await door.open();
      const running = door.run('sleep 7431 | cat; sleep 7432', { deadlineMs: 4000 });
      const seen = untilRunning('sleep 7431');
      await expect(running).rejects.toMatchObject({ code: 'SSH_NO_ANSWER', facts: { host: 'db1', deadlineMs: 4000 } });
      await seen;
      await untilEnded('sleep 7431', 'sleep 7432');
    });

    it('kills a command that ignores TERM', async () => {
      const stream = await doorTo(sshd).read(`trap '' TERM; echo begun; sleep 7433; echo never`);
      await once(stream, 'readable');
      stream.destroy();
      await untilEnded('sleep 7433');
    });

    it('leaves alone what a finished command has put into the background', async () => {
      const door = doorTo(sshd);
      // Its shell leads a session: what belongs to the command, its watcher too, is in there.
      const { stdout: session } = await door.run('nohup sleep 7434 >/dev/null 2>&1 & echo $$', { deadlineMs: 10_000 });
      door.close();
      const left = await until(
        () => {
          const { stdout } = spawnSync('ps', ['-s', session.trim(), '-o', 'pid=,args='], { encoding: 'utf8' });
          return /^(\d+) sleep 7434$/.exec(stdout.trim())?.[1];
        },
        { what: 'see the session end but for what was put into the background', deadlineMs: 20_000 },
      );
      process.kill(Number(left), 'SIGTERM');
    });

    it('rejects with the reason of the signal', async () => {
      const controller = new AbortController();
      const running = doorTo(sshd).run('sleep 7435', { deadlineMs: 20_000, signal: controller.signal });
      controller.abort(new Error('called off'));
      await expect(running).rejects.toThrow('called off');
      await untilEnded('sleep 7435');
    });

    it('runs many at once without a refusal', async () => {
      const door = doorTo(sshd);
      const runs = Array.from({ length: 30 }, (_, n) => door.run(`echo ${String(n)}`, { deadlineMs: 60_000 }));
      const lines = (await Promise.all(runs)).map(({ stdout }) => Number(stdout));
      expect(lines).toEqual(Array.from({ length: 30 }, (_, n) => n));
    });
  });

  describe('read', () => {
    it('streams what the command prints', async () => {
      expect(await countBytes(await doorTo(sshd).read('head -c 100000000 /dev/zero'))).toBe(100_000_000);
    });

    it('keeps every byte', async () => {
      const file = join(sshd.dir, 'random');
      const bytes = randomBytes(3_000_000);
      writeFileSync(file, bytes);
      const chunks: Buffer[] = [];
      for await (const chunk of await doorTo(sshd).read(command('cat', file))) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });

    it('does not read ahead of a slow reader', async () => {
      const progress = join(sshd.dir, 'progress');
      writeFileSync(progress, '');
      const stream = await doorTo(sshd).read(
        `n=0; while [ $n -lt 64 ]; do head -c 1048576 /dev/zero; n=$((n+1)); echo $n > ${progress}; done`,
      );
      await once(stream, 'readable');
      // Reading zeros never lets `head` sleep; being refused its writes does, for a moment or for good.
      let asleep = 0;
      const stopped = (): boolean =>
        (asleep = isAsleep(['head', '-c', '1048576', '/dev/zero']) ? asleep + 1 : 0) === 10;
      await until(stopped, { what: 'see the command come to a stop', deadlineMs: 60_000, everyMs: 50 });
      expect(Number(readFileSync(progress, 'utf8').trim() || '0')).toBeLessThan(16);
      expect(await countBytes(stream)).toBe(64 * 1_048_576);
    });

    it('fails instead of ending when the command fails, with its last words', async () => {
      const stream = await doorTo(sshd).read('echo data; echo no such file >&2; exit 2');
      await expect(readAll(stream)).rejects.toMatchObject({
        code: 'SSH_COMMAND_FAILED',
        facts: { status: 'exit code 2', message: 'no such file' },
      });
    });

    it('ends the command when the reader stops', async () => {
      const stream = await doorTo(sshd).read('echo begun; sleep 7436');
      await once(stream, 'readable');
      stream.destroy();
      await untilEnded('sleep 7436');
    });

    it('fails when the signal is aborted', async () => {
      const controller = new AbortController();
      const stream = await doorTo(sshd).read('echo begun; sleep 7437', { signal: controller.signal });
      await once(stream, 'readable');
      controller.abort(new Error('called off'));
      await expect(readAll(stream)).rejects.toThrow('called off');
      await untilEnded('sleep 7437');
    });
  });

  describe('tunnels', () => {
    it('connects from the host', async () => {
      const { server, port } = await echoServer();
      const stream = await doorTo(sshd).connectFrom('127.0.0.1', port, 10_000);
      const sent = randomBytes(5_000_000);
      stream.end(sent);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(sent)).toBe(true);
      server.close();
    });

    it('listens on the host and hands over what comes', async () => {
      const door = doorTo(sshd);
      const listener = await door.listenOn((stream) => stream.pipe(stream));
      const second = await door.listenOn((stream) => stream.end('second'));
      expect(second.port).not.toBe(listener.port);
      const caller = await door.connectFrom('127.0.0.1', listener.port, 10_000);
      const sent = randomBytes(5_000_000);
      caller.end(sent);
      expect(await countBytes(caller)).toBe(sent.length);
      expect(await readAll(await door.connectFrom('127.0.0.1', second.port, 10_000))).toBe('second');
      await listener.close();
      expect(await door.probePort('127.0.0.1', listener.port, 10_000)).toBe('refused');
      await listener.close();
    });

    it('tells open, refused and cannot tell', async () => {
      const door = doorTo(sshd);
      expect(await door.probePort('127.0.0.1', sshd.port, 10_000)).toBe('open');
      expect(await door.probePort('127.0.0.1', await freePort(), 10_000)).toBe('refused');
      expect(await door.probePort('no-such-name.invalid', 3306, 10_000)).toBe('cannot-tell');
      expect(await doorTo(sshd, { port: await freePort() }).probePort('127.0.0.1', 22, 1000)).toBe('cannot-tell');
    });

    it('gives up on a connection that the host cannot make', async () => {
      const failing = doorTo(sshd).connectFrom('127.0.0.1', await freePort(), 10_000);
      await expect(failing).rejects.toMatchObject({ code: 'SSH_NOT_FORWARDED' });
    });
  });

  describe('host keys', () => {
    it('records an unknown key, once, and says so', async () => {
      const knownHosts = join(sshd.dir, 'fresh', 'known_hosts');
      const options = `-i ${sshd.identity} -o UserKnownHostsFile=${knownHosts}`;
      await doorTo(sshd, { options }).open();
      expect(notices).toMatchObject([{ kind: 'recorded', host: 'db1', keyType: 'ssh-ed25519', file: knownHosts }]);
      await doorTo(sshd, { options }).open();
      expect(notices).toHaveLength(1);
      const found = execFileSync('ssh-keygen', ['-F', `[db1]:${String(sshd.port)}`, '-f', knownHosts], {
        encoding: 'utf8',
      });
      expect(found).toContain(readFileSync(join(sshd.dir, 'host_key.pub'), 'utf8').split(' ')[1]);
    });

    it('records where OpenSSH would when nothing is said', async () => {
      await doorTo(sshd, { options: `-i ${sshd.identity}`, home: join(sshd.dir, 'somebody') }).open();
      expect(notices[0]?.file).toBe(join(sshd.dir, 'somebody', '.ssh', 'known_hosts'));
    });

    it('refuses an unknown key when the site says so', async () => {
      const options = `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.dir}/none -o StrictHostKeyChecking=yes`;
      await expect(doorTo(sshd, { options }).open()).rejects.toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN' });
    });
  });

  describe('keys', () => {
    it('names the account and the keys when the login is refused', async () => {
      const wrong = join(sshd.dir, 'wrong');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', wrong]);
      const opening = doorTo(sshd, { options: `-i ${wrong} -o UserKnownHostsFile=${sshd.knownHosts}` }).open();
      await expect(opening).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        facts: { stage: 'login', message: `login as root was refused (keys offered: ${wrong})` },
      });
    });

    it('names a key that is encrypted and one that is not there', async () => {
      const locked = join(sshd.dir, 'locked');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
      const options = `-i ${locked} -i ${sshd.dir}/absent -o UserKnownHostsFile=${sshd.knownHosts}`;
      const error = await doorTo(sshd, { options })
        .open()
        .catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`${locked}: it is encrypted`);
      expect(String(error)).toContain(`${sshd.dir}/absent: there is no such file`);
    });

    it('logs in with each type of key', async () => {
      for (const type of ['rsa', 'ecdsa']) {
        const file = join(sshd.dir, `id-${type}`);
        execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
        execFileSync('sh', ['-c', `cat ${command(`${file}.pub`)} >> ${command(join(sshd.dir, 'authorized_keys'))}`]);
        await doorTo(sshd, { options: `-i ${file} -o UserKnownHostsFile=${sshd.knownHosts}` }).open();
      }
    });

    it('logs in with a key that only the agent has', async () => {
      const agent = join(sshd.dir, 'agent');
      const script = `exec ssh-agent -a ${command(agent)} sh -c 'ssh-add -q ${sshd.identity} && echo ready && cat'`;
      const running = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(running.stdout, 'data');
      const ssh = { host: 'db1', address: '127.0.0.1', port: sshd.port, user: 'root', connectTimeoutMs: 10_000 };
      const shells = openShells([{ id, ssh: { ...ssh, options: `-o UserKnownHostsFile=${sshd.knownHosts}` } }], {
        home: { home: join(sshd.dir, 'nobody'), agentSocket: agent, globalKnownHosts: [] },
      });
      keepOpen(shells);
      try {
        expect((await shells.door(id).run('echo in', { deadlineMs: 10_000 })).stdout).toBe('in\n');
      } finally {
        running.stdin.end();
        await once(running, 'exit');
      }
    });

    it('goes on with its keys when the agent is gone', async () => {
      const ssh = { host: 'db1', address: '127.0.0.1', port: sshd.port, user: 'root', connectTimeoutMs: 10_000 };
      execFileSync('sh', ['-c', `mkdir -p ${sshd.dir}/h/.ssh && cp ${sshd.identity} ${sshd.dir}/h/.ssh/id_ed25519`]);
      const shells = openShells([{ id, ssh: { ...ssh, options: `-o UserKnownHostsFile=${sshd.knownHosts}` } }], {
        home: { home: join(sshd.dir, 'h'), agentSocket: join(sshd.dir, 'no-agent'), globalKnownHosts: [] },
      });
      keepOpen(shells);
      expect((await shells.door(id).run('echo in', { deadlineMs: 10_000 })).stdout).toBe('in\n');
    });
  });

  it('shares a door among servers behind one login', () => {
    const ssh = { host: 'db1', address: '127.0.0.1', port: sshd.port, user: 'root', options: '', connectTimeoutMs: 1 };
    const second = serverId('db1', 3307);
    const third = serverId('db1', 3308);
    const shells = openShells([
      { id, ssh },
      { id: second, ssh },
      { id: third, ssh: { ...ssh, user: 'other' } },
    ]);
    expect(shells.door(second)).toBe(shells.door(id));
    expect(shells.door(third)).not.toBe(shells.door(id));
    expect(() => shells.door(serverId('db9', 1))).toThrow(RangeError);
  });

  it('takes nothing that start-up files print for output', async () => {
    const noisy = await createOwnSshd([`SetEnv BASH_ENV=${sshd.dir}/noise`]);
    writeFileSync(join(sshd.dir, 'noise'), 'echo welcome to this host\n');
    try {
      const door = doorTo(noisy);
      const raw = await door.run('echo "$BASH_ENV"', { deadlineMs: 10_000 });
      expect(raw.stdout).toBe(`${sshd.dir}/noise\n`);
      expect(await readAll(await door.read('printf data'))).toBe('data');
    } finally {
      await noisy.remove();
    }
  });

  it('finds everything possible in a check', async () => {
    const server = {
      id,
      port: sshd.port,
      binlogDirs: [sshd.dir, '/no such directory'],
      skipInitSshCheck: false,
      ssh: { host: 'db1', address: '127.0.0.1', port: sshd.port, user: 'root', options: '', connectTimeoutMs: 1000 },
    };
    const [check] = await checkSsh([server], shellsTo(sshd), { deadlineMs: 10_000 });
    expect(check).toMatchObject({
      id,
      reach: { outcome: 'ok' },
      login: { outcome: 'ok' },
      command: { outcome: 'ok' },
      forward: { outcome: 'ok' },
      reverse: { outcome: 'ok' },
      directories: [
        { path: sshd.dir, state: 'readable' },
        { path: '/no such directory', state: 'missing' },
      ],
    });
  });
});

describe('with an sshd of its own', () => {
  let sshd: OwnSshd;
  let config: readonly string[] = [];
  const start = async (...extra: readonly string[]): Promise<OwnSshd> => {
    config = extra;
    sshd = await createOwnSshd(config);
    return sshd;
  };
  afterEach(async () => {
    await sshd.remove();
  });

  it('refuses a host whose key has changed, and says which line to remove', async () => {
    await start();
    await doorTo(sshd).open();
    await sshd.kill();
    sshd.newHostKey();
    await sshd.start();
    const error = await doorTo(sshd)
      .open()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SSH_HOST_KEY_CHANGED',
      facts: { file: sshd.knownHosts, name: `[db1]:${String(sshd.port)}` },
    });
    const lenient = `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=no`;
    notices.splice(0);
    await doorTo(sshd, { options: lenient }).open();
    expect(notices).toMatchObject([{ kind: 'changed-accepted' }]);
  });

  it('refuses a host that has no key of the recorded type any more', async () => {
    await start();
    const name = `[db1]:${String(sshd.port)}`;
    const rsa = join(sshd.dir, 'an-rsa-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', rsa]);
    writeFileSync(sshd.knownHosts, `${name} ${readFileSync(`${rsa}.pub`, 'utf8')}`);
    await expect(doorTo(sshd).open()).rejects.toMatchObject({ code: 'SSH_HOST_KEY_CHANGED' });
  });

  it('is shown the recorded key by a server that has several', async () => {
    await start();
    const rsa = join(sshd.dir, 'second_host_key');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', rsa]);
    await sshd.stop();
    execFileSync('sh', ['-c', `echo HostKey ${rsa} >> ${sshd.dir}/sshd_config`]);
    await sshd.start();
    writeFileSync(sshd.knownHosts, `[db1]:${String(sshd.port)} ${readFileSync(`${rsa}.pub`, 'utf8')}`);
    await doorTo(sshd).open();
    expect(notices).toEqual([]);
  });

  it('says that forwarding is forbidden, and still runs commands', async () => {
    await start('AllowTcpForwarding no');
    const door = doorTo(sshd);
    expect(await door.probePort('127.0.0.1', sshd.port, 10_000)).toBe('cannot-tell');
    await expect(door.listenOn(() => undefined)).rejects.toMatchObject({ code: 'SSH_NOT_FORWARDED' });
    await expect(door.connectFrom('127.0.0.1', sshd.port, 10_000)).rejects.toMatchObject({ code: 'SSH_NOT_FORWARDED' });
    expect((await door.run('echo still', { deadlineMs: 10_000 })).stdout).toBe('still\n');
    const settings = { host: 'db1', address: '127.0.0.1', port: 1, user: 'root', options: '', connectTimeoutMs: 1000 };
    const server = { id, port: sshd.port, binlogDirs: [], skipInitSshCheck: false, ssh: settings };
    const [check] = await checkSsh([server], shellsTo(sshd), { deadlineMs: 10_000 });
    expect(check).toMatchObject({
      login: { outcome: 'ok' },
      command: { outcome: 'ok' },
      forward: { outcome: 'failed' },
      reverse: { outcome: 'failed', fault: { code: 'SSH_NOT_FORWARDED' } },
    });
  });

  it('waits its turn where fewer sessions are allowed than usual', async () => {
    await start('MaxSessions 2');
    const door = doorTo(sshd);
    const runs = Array.from({ length: 10 }, (_, n) => door.run(`echo ${String(n)}`, { deadlineMs: 60_000 }));
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  it('has room beside a command that stays, where a connection carries one session only', async () => {
    await start('MaxSessions 1');
    const door = doorTo(sshd);
    const staying = await door.read('echo here; sleep 60');
    try {
      const runs = Array.from({ length: 5 }, (_, n) => door.run(`echo ${String(n)}`, { deadlineMs: 20_000 }));
      expect((await Promise.all(runs)).map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4']);
    } finally {
      staying.destroy();
    }
  });

  it('comes again while a server turns connections away, as one whose MaxStartups strangers have used up', async () => {
    await start('MaxStartups 1');
    const stranger = await firstStranger(sshd.port);
    const turnedAway = (): number =>
      readFileSync(join(sshd.dir, 'sshd.log'), 'utf8').split('past MaxStartups').length - 1;
    const before = turnedAway();
    const opening = doorTo(sshd).open();
    await until(() => turnedAway() > before, { what: 'see a connection turned away', deadlineMs: 10_000, everyMs: 5 });
    stranger.destroy();
    await opening;
  });

  it('says that no session is allowed at all', async () => {
    await start('MaxSessions 0');
    const running = doorTo(sshd).run('true', { deadlineMs: 10_000 });
    await expect(running).rejects.toMatchObject({ code: 'SSH_COMMAND_FAILED', facts: { status: 'no start' } });
  });

  it('ends everything that was open when the connection is lost, and connects again', async () => {
    await start();
    const door = doorTo(sshd);
    const { server, port } = await echoServer();
    const stream = await door.read('echo begun; sleep 7438');
    const tunnel: Duplex = await door.connectFrom('127.0.0.1', port, 10_000);
    const listener = await door.listenOn(() => undefined);
    await once(stream, 'readable');
    const running = door.run('sleep 7439', { deadlineMs: 20_000 });
    const readEnds = readAll(stream);
    const tunnelEnds = readAll(tunnel);
    await untilRunning('sleep 7439');
    await sshd.kill();
    await expect(readEnds).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    await expect(tunnelEnds).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    expect(await running).toMatchObject({ code: undefined });
    expect(await listener.lost).toEqual(expect.any(String));
    await listener.close();
    await expect(door.run('true', { deadlineMs: 10_000 })).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
    await sshd.start();
    expect((await door.run('echo back', { deadlineMs: 10_000 })).stdout).toBe('back\n');
    await untilEnded('sleep 7438', 'sleep 7439');
    server.close();
  });

  it('goes through a jump host', async () => {
    await start();
    const options = `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.knownHosts} -J root@127.0.0.1:${String(sshd.port)}`;
    const door = doorTo(sshd, { options });
    expect((await door.run('echo through', { deadlineMs: 10_000 })).stdout).toBe('through\n');
    // The host itself has the jump host's address here, and so its key was on record when its turn came.
    expect(notices.map(({ host }) => host)).toEqual(['127.0.0.1']);
    expect(await countBytes(await door.read('head -c 20000000 /dev/zero'))).toBe(20_000_000);
  });

  it('names the jump host whose key was refused', async () => {
    await start();
    writeFileSync(sshd.knownHosts, '');
    const options = `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=yes`;
    const door = doorTo(sshd, { options: `${options} -J localhost:${String(sshd.port)}` });
    await expect(door.open()).rejects.toMatchObject({ code: 'SSH_HOST_KEY_UNKNOWN', facts: { host: 'localhost' } });
  });

  it('stops connecting when the door is closed', async () => {
    await start();
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const door = doorTo(sshd, { port, connectTimeoutMs: 60_000 });
    const opening = door.open();
    door.close();
    await expect(opening).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
    await expect(door.open()).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    silent.close();
  });

  it('gives up on a host that accepts connections and never speaks', async () => {
    await start();
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await expect(doorTo(sshd, { port, connectTimeoutMs: 400 }).open()).rejects.toMatchObject({
      code: 'SSH_UNREACHABLE',
      facts: { stage: 'handshake', message: 'no answer within 400 ms' },
    });
    silent.close();
  });

  it('names a refused port', async () => {
    await start();
    await expect(doorTo(sshd, { port: await freePort() }).open()).rejects.toMatchObject({
      code: 'SSH_UNREACHABLE',
      facts: { stage: 'connect' },
    });
  });
});
