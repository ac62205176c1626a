import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandLine, type HookLimits, runHook, shownCall } from '../../src/hooks/run-hook.js';
import type { HookSecrets } from '../../src/model/settings.js';
import { until } from '../../src/sandbox/wait.js';

let folder: string;
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hooks-'));
  lines = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const limits = (timeoutMs = 10_000, secrets: HookSecrets = 'arguments'): HookLimits => ({
  timeoutMs,
  secrets,
  log: (line) => void lines.push(line),
});

async function script(body: string): Promise<string> {
  const path = join(folder, 'hook');
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function untilGone(pid: number): Promise<void> {
  await until(() => !isAlive(pid), { what: `see the end of ${String(pid)}`, deadlineMs: 10_000 });
}

describe('commandLine', () => {
  const args = [{ text: '--subject=a "b" $(c)' }];

  it('runs plain words without a shell', () => {
    expect(commandLine({ name: 'h', command: ' /opt/hook  --fast ', args })).toEqual([
      '/opt/hook',
      '--fast',
      '--subject=a "b" $(c)',
    ]);
  });

  it('takes an equals sign for syntax only where it sets a variable', () => {
    expect(commandLine({ name: 'h', command: '/opt/hook --mode=50%', args })[0]).toBe('/opt/hook');
    expect(commandLine({ name: 'h', command: ' LANG=C /opt/hook', args })[0]).toBe('sh');
  });

  it('gives a value with shell syntax to a shell, and the arguments to that as parameters', () => {
    expect(commandLine({ name: 'h', command: 'cd /opt && ./hook', args })).toEqual([
      'sh',
      '-c',
      'cd /opt && ./hook "$@"',
      'sh',
      '--subject=a "b" $(c)',
    ]);
  });
});

describe('runHook', () => {
  it.each([
    [0, 'ok'],
    [10, 'ten'],
    [1, 'failed'],
  ])('reads exit code %i as %s', async (code, outcome) => {
    const command = await script(`exit ${String(code)}`);
    expect(await runHook({ name: 'h', command, args: [] }, limits())).toMatchObject({ outcome, code });
  });

  it.each([undefined, '', '  '])('does not run %j', async (command) => {
    expect(await runHook({ name: 'h', command, args: [] }, limits())).toEqual({
      outcome: 'not-configured',
      output: '',
    });
    expect(lines).toEqual([]);
  });

  it('fails, and does not throw, for a program that is not there', async () => {
    const result = await runHook({ name: 'h', command: join(folder, 'missing'), args: [] }, limits());
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.output).toMatch(/^could not be started: .*ENOENT/);
  });

  it.each([
    ['too long', '--body='.padEnd(2_000_000, 'x')],
    ['that no program can take', '--body=\0'],
  ])('fails, and does not throw, for an argument %s', async (_what, text) => {
    const result = await runHook({ name: 'h', command: 'true', args: [{ text }] }, limits());
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.output).toContain('could not be started');
  });

  it('counts death by a signal as failure', async () => {
    const command = await script('kill -9 $$');
    expect(await runHook({ name: 'h', command, args: [] }, limits())).toMatchObject({ outcome: 'failed' });
  });

  it('passes arguments unread by any shell, with plain words and with shell syntax', async () => {
    const text = `--orig_master_host=it's "quoted" $HOME $(touch ${folder}/made) \`x\`;touch ${folder}/made\nsecond line`;
    const path = await script(`printf '%s' "$1" > ${join(folder, 'seen')}`);
    for (const command of [path, `true && ${path}`]) {
      expect(await runHook({ name: 'h', command, args: [{ text }] }, limits())).toMatchObject({ outcome: 'ok' });
      expect(await readFile(join(folder, 'seen'), 'utf8')).toBe(text);
      expect(existsSync(join(folder, 'made'))).toBe(false);
    }
  });

  it('keeps secrets out of the log, also when the script prints them', async () => {
    const command = await script('echo "got $1"');
    const args = [{ text: '--new_master_password=canary', secret: true }];
    const result = await runHook({ name: 'h', command, args }, limits());
    expect(result.output).toContain('got --new_master_password=********');
    expect(lines.join('\n')).toContain('--new_master_password=********');
    expect(lines.join('\n') + result.output).not.toContain('canary');
    expect(shownCall({ name: 'h', command, args })).not.toContain('canary');
  });

  it('reads what was written right before the exit, and bounds it', async () => {
    const command = await script('head -c 1000000 /dev/zero | tr "\\000" x; echo end >&2');
    const { output } = await runHook({ name: 'h', command, args: [] }, limits());
    expect(output.length).toBe(256 * 1024);
  });

  it('says that output was left out, and leaves no half of a secret at the cut', async () => {
    // The cut falls behind "cana".
    const command = await script(`head -c ${String(256 * 1024 - 4)} /dev/zero | tr "\\000" x; printf canary`);
    const args = [{ text: '--new_master_password=canary', secret: true }];
    const { output } = await runHook({ name: 'h', command, args }, limits());
    expect(output.endsWith('xxxx')).toBe(true);
    expect(lines).toContain('h: (it wrote more, which is left out)');
  });

  it('logs the exit code, or why there is none', async () => {
    await runHook({ name: 'h', command: await script('exit 3'), args: [] }, limits());
    await runHook({ name: 'h', command: join(folder, 'missing'), args: [] }, limits());
    expect(lines).toEqual(
      expect.arrayContaining(['h: exit code 3', expect.stringMatching(/^h: could not be started: /) as unknown]),
    );
  });

  it('offers secrets in the environment instead, when told to', async () => {
    const command = await script(
      `echo "$# $*" > ${join(folder, 'seen')}; echo "$MHA_NEW_MASTER_PASSWORD" >> ${join(folder, 'seen')}; echo "got $MHA_NEW_MASTER_PASSWORD"`,
    );
    const args = [{ text: '--command=start' }, { text: "--new_master_password=it's = canary", secret: true }];
    const { output } = await runHook({ name: 'h', command, args }, limits(10_000, 'env'));
    expect(await readFile(join(folder, 'seen'), 'utf8')).toBe("1 --command=start\nit's = canary\n");
    expect(output + lines.join('\n')).not.toContain('canary');
    expect(output).toContain('got ********');
  });

  it('leaves the password out of the environment otherwise', async () => {
    const command = await script('env');
    const args = [{ text: '--new_master_password=canary', secret: true }];
    const { output } = await runHook({ name: 'h', command, args }, { ...limits(), environment: { ORC_X: 'y' } });
    expect(output).toContain('ORC_X=y');
    expect(output).toContain('PATH=');
    expect(output).not.toContain('MHA_NEW_MASTER_PASSWORD');
  });

  it('has ended when the script exits, although a daemon keeps its output', async () => {
    const command = await script(`sleep 30 & echo $! > ${join(folder, 'pid')}; echo done`);
    const result = await runHook({ name: 'h', command, args: [] }, limits());
    expect(result).toMatchObject({ outcome: 'ok', output: 'done\n' });
    const daemon = Number(await readFile(join(folder, 'pid'), 'utf8'));
    expect(isAlive(daemon)).toBe(true);
    process.kill(daemon);
  });

  it('ends the whole process group at the deadline', async () => {
    const command = await script(
      `(trap '' TERM; echo $$ > /dev/null; exec sleep 30) & echo $! > ${join(folder, 'pid')}; wait`,
    );
    const result = await runHook({ name: 'h', command, args: [] }, limits(300));
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.output).toContain('ended by its deadline of 300 ms');
    await untilGone(Number(await readFile(join(folder, 'pid'), 'utf8')));
  });

  it('does not wait for one that may not be ended, as with sudo, and says that it still runs', async () => {
    const command = await script(`echo $$ > ${join(folder, 'pid')}; exec sleep 30`);
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    const { outcome, output } = await runHook({ name: 'h', command, args: [] }, limits(300));
    kill.mockRestore();
    const pid = (await readFile(join(folder, 'pid'), 'utf8')).trim();
    expect(outcome).toBe('failed');
    expect(output).toBe(`it was to be ended by its deadline of 300 ms and still runs (pid ${pid})`);
    process.kill(Number(pid), 'SIGKILL');
  });

  it('does not outlive a run that was ended before', async () => {
    const command = await script('sleep 30');
    const { outcome, output } = await runHook({ name: 'h', command, args: [] }, limits(), AbortSignal.abort());
    expect(outcome).toBe('failed');
    expect(output).toContain('ended by the end of the run');
  });
});
