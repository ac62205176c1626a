import type { Recovery } from '../ports/recovery.js';
import { faultToText } from './fault-text.js';
import { type Answer, type Call, type Order, type Report, serveFromText } from './messages.js';

/** The part of Recovery that works; what concerns the thread itself is the other side's matter. */
export type RecoveryVerbs = Omit<Recovery, 'onProgress' | 'died'>;

/**
 * The recovery thread's ear: takes orders, lets the verbs work, reports. Every call gets exactly one report, and an
 * error of a verb is that report; only what no verb is to blame for ends the thread.
 */
export function answerCalls(verbs: RecoveryVerbs, report: (report: Report) => void): (order: Order) => void {
  const running = new Map<number, AbortController>();
  const answer = async (id: number, call: Call): Promise<void> => {
    const control = new AbortController();
    running.set(id, control);
    try {
      report({ kind: 'done', id, answer: await perform(verbs, call, control.signal) });
    } catch (error) {
      report({ kind: 'failed', id, fault: faultToText(error) });
    } finally {
      running.delete(id);
    }
  };
  return (order) => {
    if (order.kind === 'abort') running.get(order.id)?.abort(new Error('the call was aborted'));
    else void answer(order.id, order.call);
  };
}

async function perform(verbs: RecoveryVerbs, call: Call, signal: AbortSignal): Promise<Answer> {
  switch (call.kind) {
    case 'warm':
      await verbs.warm();
      break;
    case 'begin':
      await verbs.begin(call.source);
      break;
    case 'findCopy':
      return { kind: 'copy', copy: await verbs.findCopy(call.request, signal) };
    case 'findStart': {
      const place = await verbs.findStart(call.request, signal);
      return { kind: 'place', ...(place === undefined ? {} : { place }) };
    }
    case 'saveTail':
      return { kind: 'ranges', ranges: await verbs.saveTail(call.request, signal) };
    case 'saveRelay':
      return { kind: 'range', range: await verbs.saveRelay(call.request, signal) };
    case 'serve':
      return { kind: 'address', ...(await verbs.serve(serveFromText(call.request))) };
    case 'stopServing':
      await verbs.stopServing(call.replica);
      break;
    case 'end':
      await verbs.end();
      break;
    case 'close':
      await verbs.close();
      break;
  }
  return { kind: 'nothing' };
}
