import { parentPort, workerData } from 'node:worker_threads';
import { openShells } from '../ssh/doors.js';
import { answerCalls } from './answer-calls.js';
import { garbageCollector } from './garbage.js';
import type { Order, Report, StartData } from './messages.js';
import { everyStep } from './progress.js';
import { RecoverySession } from './session.js';
import { threadClock } from './thread-clock.js';

/** The thread's program: joins the session to the messages. */
function main(port: NonNullable<typeof parentPort>, data: StartData): void {
  const report = (message: Report): void => {
    port.postMessage(message);
  };
  const shells = openShells(data.hosts, {
    onNotice: (notice) => {
      report({ kind: 'host-key', notice });
    },
  });
  const collectGarbage = garbageCollector();
  const isStep = everyStep();
  const session = new RecoverySession({
    shells,
    hosts: data.hosts.map(({ id }) => id),
    minFreeBytes: data.minFreeBytes,
    clock: threadClock,
    tell: (progress) => {
      // Once per so many bytes: the right rhythm for the buffers they came in.
      if (isStep(progress)) collectGarbage('minor');
      report({ kind: 'progress', progress });
    },
    notice: (text) => {
      report({ kind: 'notice', text });
    },
  });
  const take = answerCalls(session, report);
  port.on('message', (order: Order) => {
    take(order);
  });
}

if (parentPort === null) throw new Error('this is the program of a thread');
main(parentPort, workerData as StartData);
