import { describe, expect, it } from 'vitest';
import { askHost } from '../../src/monitor/ask-host.js';
import type { CommandOptions, CommandResult } from '../../src/ports/shell.js';
import { localDoor } from './support/local-door.js';
import { fakeClock } from './support/fake-clock.js';

const place = { address: '10.0.0.1', port: 3306, dataDir: '/var/lib/mysql' };
const question = { place, binlogBase: '/log/bin', deadlineMs: 5_000 };
const head = 'uid 0\nproc visible\nnet readable\n';
const signal = new AbortController().signal;

type Answer = (command: string, options: CommandOptions) => Promise<CommandResult>;
const says = (stdout: string): Promise<CommandResult> => Promise.resolve({ code: 0, stdout, stderr: '' });
const asksForBoth = (command: string): boolean => command.includes('/log/bin') && command.includes('/proc/net/tcp');

function host(answer: Answer) {
  const asked: string[] = [];
  const run: Answer = (command, options) => {
    asked.push(command);
    return answer(command, options);
  };
  return { door: { ...localDoor(), run }, clock: fakeClock(), asked };
}

describe('what a host is asked', () => {
  it('is one command for its processes and its newest binary log', async () => {
    const one = host(() => says(`${head}newest 4711 /log/bin.000042\n`));
    const report = await askHost(question, one, signal);
    expect(report).toMatchObject({ processesVisible: true, newestBinlog: { file: 'bin.000042', position: 4711 } });
    expect(one.asked).toHaveLength(1);
  });

  it('is answered for the processes although the disk hangs', async () => {
    // Whatever touches the log's directory never comes back.
    const one = host((command) => (command.includes('/log/bin') ? new Promise(() => undefined) : says(head)));
    const asking = askHost(question, { ...one, door: { ...one.door, run: hangsUntilDeadline(one) } }, signal);
    await one.clock.advance(1_500);
    await one.clock.advance(5_000);
    const report = await asking;
    expect(report.processesVisible).toBe(true);
    expect(report.newestBinlog).toBeUndefined();
  });

  it('is taken from the first command when that was only slow', async () => {
    let answer: (result: CommandResult) => void = () => undefined;
    const one = host((command) =>
      asksForBoth(command) ? new Promise((resolve) => (answer = resolve)) : new Promise(() => undefined),
    );
    const asking = askHost(question, one, signal);
    await one.clock.advance(1_500);
    expect(one.asked.length).toBeGreaterThan(1);
    answer({ code: 0, stdout: `${head}newest 9 /log/bin.000001\n`, stderr: '' });
    expect((await asking).newestBinlog).toEqual({ file: 'bin.000001', position: 9 });
  });

  it('fails at once, with the door’s own words, where there is no shell', async () => {
    const one = host(() => Promise.reject(new Error('no route to host')));
    await expect(askHost(question, one, signal)).rejects.toThrow('no route to host');
    expect(one.asked).toHaveLength(1);
  });
});

/** As a door does: a command without an answer is an error when its time is up. */
function hangsUntilDeadline({ clock, door }: ReturnType<typeof host>): Answer {
  return (command, options) =>
    Promise.race([
      door.run(command, options),
      clock.sleep(options.deadlineMs).then(() => {
        throw new Error('no answer');
      }),
    ]);
}
