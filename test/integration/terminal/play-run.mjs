// Plays a run's events, as a command would have them shown. Uses the built program; argv: what to play, and a file
// that is told the steps of this script, for when nobody sees the terminal any more.
import { appendFileSync, existsSync } from 'node:fs';
import { systemClock } from '../../../dist/cli/clock.js';
import { outliveOutput } from '../../../dist/cli/outlive-output.js';
import { askOnce } from '../../../dist/cli/questions.js';
import { renderRun } from '../../../dist/cli/render-run.js';
import { createBus } from '../../../dist/report/bus.js';

const [what, log] = process.argv.slice(2);
const note = (text) => appendFileSync(log, `${text}\n`);
outliveOutput(process);
process.on('SIGHUP', () => note('SIGHUP'));

const bus = createBus('app1', 'run1', systemClock, (error) => note(`listener: ${String(error)}`));
const view = await renderRun(bus, { asks: what === 'asking' });
const servers = ['db2:3306', 'db3:3306'];
const begin = (phase, step, server, title) =>
  bus.emit({ kind: 'step-started', phase, step: `${step}:${server}`, title: `${server}: ${title}`, server });
const end = (phase, step, server, outcome = 'done', text = undefined) =>
  bus.emit({ kind: 'step-ended', phase, step: `${step}:${server}`, outcome, ms: 12, server, ...(text && { text }) });
/** Waits for a file, so that the picture can be looked at: typing would be drawn as well. */
const pause = async () => {
  while (!existsSync(`${log}.go`)) await systemClock.sleep(20);
};

const plays = {
  async good() {
    freeze();
    bus.emit({ kind: 'note', level: 'warning', text: 'planning again: the tail grew' });
    bus.emit({ kind: 'phase-started', phase: 'save-binlog' });
    begin('save-binlog', 'save-tail', 'db1:3306', 'fetch its binary log over SSH');
    const step = { phase: 'save-binlog', step: 'save-tail:db1:3306' };
    bus.emit({ kind: 'step-progress', ...step, text: '42 MiB, 1000 transactions', done: 42, total: 100 });
    await pause();
    process.stderr.write('said beside it\n');
    end('save-binlog', 'save-tail', 'db1:3306');
    bus.emit({ kind: 'phase-ended', phase: 'save-binlog', ok: true, ms: 2100 });
    bus.emit({ kind: 'run-ended', exit: 0, summary: 'db2:3306 is the new source' });
  },
  async bad() {
    freeze();
    bus.emit({ kind: 'phase-started', phase: 'apply-saved-binlog' });
    for (const server of servers) begin('apply-saved-binlog', 'reach', server, 'apply up to the target');
    end('apply-saved-binlog', 'reach', 'db2:3306');
    end('apply-saved-binlog', 'reach', 'db3:3306', 'failed', 'error 1062: Duplicate entry');
    bus.emit({ kind: 'phase-ended', phase: 'apply-saved-binlog', ok: false, ms: 30 });
    end('freeze', 'stop-receiver', 'db2:3306', 'undone');
  },
  async odd() {
    // Nothing in its order: an end without a beginning, a step without its phase, a phase that never ends.
    bus.emit({ kind: 'phase-ended', phase: 'promote', ok: true, ms: 1 });
    end('repoint', 'repoint', 'db3:3306');
    bus.emit({ kind: 'step-progress', phase: 'verify', step: 'nobody', text: 'x' });
    begin('promote', 'open', 'db2:3306', 'open for writes');
    begin('promote', 'open', 'db2:3306', 'open for writes');
  },
  async crash() {
    freeze();
    begin('promote', 'open', 'db2:3306', 'open for writes');
    await systemClock.sleep(300);
    process.stderr.write('a fault of its own\n');
    process.exit(3);
  },
  async asking() {
    freeze();
    await askOnce('Promote db2?', new AbortController().signal).catch((error) => note(error.code));
  },
  async alone() {
    begin('promote', 'open', 'db2:3306', 'open for writes');
    note('begun');
    await systemClock.sleep(1500);
    end('promote', 'open', 'db2:3306');
  },
};

function freeze() {
  bus.emit({ kind: 'phase-started', phase: 'freeze' });
  for (const server of servers) begin('freeze', 'stop-receiver', server, 'stop the receiver');
  for (const server of servers) end('freeze', 'stop-receiver', server);
  bus.emit({ kind: 'phase-ended', phase: 'freeze', ok: true, ms: 402 });
}

await plays[what]();
await view.finish();
process.stdout.write('THE REPORT\n');
note('finished');
