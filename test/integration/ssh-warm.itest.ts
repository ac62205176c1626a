import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CommandOptions, CommandResult, Door } from '../../src/ports/shell.js';
import { argumentsOf, childrenOf, isAlive, stampOf } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { createOwnSshd, type OwnSshd } from './own-sshd.js';
import { closeDoors, doorTo, isRunning, untilEnded, untilRunning } from './ssh-doors.js';

const warmth = { count: 3, afterMs: 0 };
const none = { count: 0, afterMs: 0 };
const deadlineMs = 30_000;

/** Is the command's own shell one that had waited for it? */
const wasWaiting = `tr '\\0' ' ' </proc/$$/cmdline | grep -c 'mha-ts-shell-wait[s]'; true`;
async function warmDoor(sshd: OwnSshd, policy = warmth): Promise<Door> {
  const door = doorTo(sshd, { warmth: policy });
  await door.open();
  const waited = async (): Promise<boolean> => (await door.run(wasWaiting, { deadlineMs })).stdout === '1\n';
  await until(waited, { what: 'run a command in a shell that had waited', deadlineMs });
  return door;
}

/** The processes of this connection that wait for a command. */
async function untilWaiting(door: Door, count: number): Promise<readonly number[]> {
  const session = Number((await door.run('echo $PPID', { deadlineMs })).stdout);
  const waiting = (): readonly number[] =>
    childrenOf(session).filter((pid) => argumentsOf(pid).some((word) => word.includes('mha-ts-shell-waits')));
  await until(() => waiting().length >= count, { what: `see ${String(count)} shells wait`, deadlineMs });
  return waiting();
}

let sshd: OwnSshd;
beforeAll(async () => {
  sshd = await createOwnSshd();
});
afterAll(async () => {
  await sshd.remove();
});
describe('a command in a shell that had waited', () => {
  const table: readonly { name: string; command: string; options?: Partial<CommandOptions> }[] = [
    { name: 'output and code', command: 'echo out; echo err >&2; exit 3' },
    { name: 'nothing at all', command: '' },
    { name: 'many lines', command: 'cat <<END\n  one\n\n\ttwo \\\n  $HOME\nEND\necho last' },
    { name: 'a backslash at the end', command: "printf '%s|' a \\" },
    { name: 'quotes and carriage returns', command: `printf '%s|' "it's" '\`id\`' "a\rb" 'ä€😀' ; printf '\\n'` },
    { name: 'a syntax error', command: 'if then )' },
    { name: 'an open quote', command: `echo "open` },
    { name: 'a command that is not there', command: 'no-such-command-7 x' },
    { name: 'set -e', command: 'set -e; false; echo never' },
    { name: 'exec', command: 'exec sh -c "exit 7"' },
    { name: 'exec of nothing', command: 'exec no-such-command-7' },
    { name: 'a signal to itself', command: 'kill -9 $$; sleep 5' },
    { name: 'a child that a signal ends', command: `sh -c 'kill -TERM $$'` },
    { name: 'a group of its own that ends itself', command: 'kill -TERM -$$; sleep 5' },
    { name: 'input that is not there', command: 'cat; echo end' },
    { name: 'a read from nothing', command: 'read -r line; echo "$? [$line]"' },
    { name: 'no variable of ours', command: 'echo "[$kind$lines$text$line]$#[$0]"' },
    { name: 'input', command: 'cat; echo end', options: { stdin: 'one\ntwo\nno newline' } },
    { name: 'input that is not read', command: 'exit 4', options: { stdin: 'one\n' } },
    { name: 'input and a syntax error', command: 'if then )', options: { stdin: 'one\n' } },
    { name: 'bytes that are no text', command: `printf 'a\\000b\\377c\\n'; printf '\\200' >&2` },
    { name: 'marks of ours in its output', command: `echo '--mha-ts-output-follows--'; echo '--mha-ts-shell-waits--'` },
    {
      name: 'output beyond the limit',
      command: 'head -c 3000000 /dev/zero | tr "\\0" x; echo e >&2; exit 5',
      options: { maxBytes: 1000 },
    },
    {
      name: 'much on both',
      command: 'head -c 700000 /dev/zero | tr "\\0" x; head -c 700000 /dev/zero | tr "\\0" y >&2',
    },
    { name: 'traps', command: `trap 'echo bye' EXIT; exit 9` },
    { name: 'the working directory and the mask', command: 'pwd; umask; ulimit -n; echo "$-"' },
    { name: 'a background process without our output', command: 'sleep 30 >/dev/null 2>&1 & echo there' },
    { name: 'a background process that holds the output', command: '(sleep 0.5; echo late) & echo early' },
    { name: 'a long command', command: `: '${'x'.repeat(90_000)}'\necho done` },
  ];

  let cold: Door;
  let warm: Door;
  beforeAll(async () => {
    cold = doorTo(sshd, { warmth: none });
    warm = await warmDoor(sshd);
  });
  afterAll(() => {
    closeDoors();
  });

  it.each(table)('gives what a new one gives: $name', async ({ command, options }) => {
    const run = (door: Door): Promise<CommandResult> => door.run(command, { deadlineMs, ...options });
    const [expected, seen] = [await run(cold), await run(warm)];
    // A shell names itself and its line in what it complains about; where the text begins is its own affair.
    const plain = (result: CommandResult): CommandResult => ({
      ...result,
      stderr: result.stderr.replaceAll(/^(\S*sh: )(line )?\d+: /gm, '$1'),
    });
    expect(plain(seen)).toEqual(plain(expected));
    expect((await cold.run(wasWaiting, { deadlineMs })).stdout).toBe('0\n');
    expect((await warm.run(wasWaiting, { deadlineMs })).stdout).toBe('1\n');
  });

  it('ends no earlier than a new one when something holds its output', async () => {
    const mark = join(sshd.dir, 'let-go');
    const { stdout } = await warm.run(`(sleep 0.5; echo late >${mark}) & echo early`, { deadlineMs });
    expect(stdout).toBe('early\n');
    expect(readFileSync(mark, 'utf8')).toBe('late\n');
  });

  it('streams every byte', async () => {
    const file = join(sshd.dir, 'random');
    const bytes = randomBytes(3_000_000);
    writeFileSync(file, bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of await warm.read(`cat ${file}`)) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('fails as a stream when it fails', async () => {
    const stream = await warm.read('echo begun; echo why >&2; exit 3');
    stream.resume();
    const [error] = (await once(stream, 'error')) as [unknown];
    expect(error).toMatchObject({ code: 'SSH_COMMAND_FAILED', facts: { status: 'exit code 3', message: 'why' } });
  });

  it('ends at its deadline with all its children, and what an earlier one left behind stays', async () => {
    await warm.run('sleep 7441 >/dev/null 2>&1 &', { deadlineMs });
    const running = warm.run('sleep 7442 | cat; sleep 7443', { deadlineMs: 4000 });
    const seen = untilRunning('sleep 7442');
    await expect(running).rejects.toMatchObject({ code: 'SSH_NO_ANSWER' });
    await seen;
    await untilEnded('sleep 7442', 'sleep 7443');
    expect(isRunning('sleep 7441')).toBe(true);
    execFileSync('sh', ['-c', `kill $(ps ax -o pid=,args= | awk '$2 == "sleep" && $3 == "7441" { print $1 }')`]);
  });

  it('ends when it is called off', async () => {
    const controller = new AbortController();
    const running = warm.run('sleep 7444', { deadlineMs, signal: controller.signal });
    await untilRunning('sleep 7444');
    controller.abort(new Error('called off'));
    await expect(running).rejects.toThrow('called off');
    await untilEnded('sleep 7444');
    expect((await warm.run('echo on', { deadlineMs })).stdout).toBe('on\n');
  });
});

describe('shells that wait', () => {
  afterEach(() => {
    closeDoors();
  });

  it('end with their connection', async () => {
    const marked = await createOwnSshd();
    try {
      const door = await warmDoor(marked);
      const waiting = (await untilWaiting(door, 2)).flatMap((pid) => stampOf(pid) ?? []);
      expect(waiting.length).toBeGreaterThanOrEqual(2);
      door.close();
      await until(() => !waiting.some(isAlive), { what: 'see the shells that waited end', deadlineMs });
    } finally {
      await marked.remove();
    }
  });

  it('leave the sessions to commands where the server allows few', async () => {
    for (const most of [1, 2, 3]) {
      const strict = await createOwnSshd([`MaxSessions ${String(most)}`]);
      try {
        const door = doorTo(strict, { warmth });
        await door.run('true', { deadlineMs });
        const runs = Array.from({ length: 12 }, (_, n) =>
          door.run(`echo ${String(n)}`, n % 3 === 0 ? { deadlineMs, stdin: 'x' } : { deadlineMs }),
        );
        const lines = (await Promise.all(runs)).map(({ stdout }) => Number(stdout));
        expect(lines).toEqual(Array.from({ length: 12 }, (_, n) => n));
      } finally {
        await strict.remove();
      }
    }
  });

  it('are done without where each one ends at once', async () => {
    const forced = await createOwnSshd(['ForceCommand echo not for you; exit 7']);
    try {
      const door = doorTo(forced, { warmth });
      await door.open();
      for (let n = 0; n < 12; n += 1) {
        expect(await door.run('true', { deadlineMs })).toMatchObject({ code: 7, stdout: 'not for you\n' });
      }
    } finally {
      await forced.remove();
    }
  });

  it('are replaced when they are killed, and a command that met that runs all the same, once', async () => {
    const door = await warmDoor(sshd);
    const session = (await door.run('echo $PPID', { deadlineMs })).stdout.trim();
    const log = join(sshd.dir, 'ran');
    for (let n = 0; n < 8; n += 1) {
      execFileSync('sh', ['-c', `pkill -KILL -P ${session}; true`]);
      await door.run(`echo ${String(n)} >>${log}`, { deadlineMs });
    }
    expect(execFileSync('cat', [log], { encoding: 'utf8' })).toBe('0\n1\n2\n3\n4\n5\n6\n7\n');
  });

  it('spare a command the login shell’s start-up files', async () => {
    // As start-up files that hang: the forced command is what the login shell runs first.
    const folder = mkdtempSync(join(tmpdir(), 'slow-shell-'));
    const hold = join(folder, 'hold');
    const startUp = `echo noise; while [ -e ${hold} ]; do sleep 0.02; done`;
    const slow = await createOwnSshd([`ForceCommand ${startUp}; eval "$SSH_ORIGINAL_COMMAND"`]);
    try {
      const door = await warmDoor(slow);
      // All of them: a command takes the one that was begun first, and waits for it.
      await untilWaiting(door, warmth.count);
      writeFileSync(hold, '');
      expect((await door.run('echo quick', { deadlineMs })).stdout).toBe('quick\n');
      const read = await door.read('echo read', { signal: AbortSignal.timeout(deadlineMs) });
      expect(await read.toArray()).toEqual([Buffer.from('read\n')]);
    } finally {
      rmSync(folder, { recursive: true });
      await slow.remove();
    }
  });
});
