import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/model/fault.js';
import { Secret } from '../../src/model/secret.js';
import { serverId } from '../../src/model/settings.js';
import type { FetchedRange, ServeRequest } from '../../src/ports/recovery.js';
import { answerCalls, type RecoveryVerbs } from '../../src/recovery/answer-calls.js';
import { Calls } from '../../src/recovery/calls.js';
import { type Order, type Report, serveToText } from '../../src/recovery/messages.js';

const range: FetchedRange = {
  host: serverId('a', 1),
  from: { file: 'bin.000001', position: 4 },
  to: { file: 'bin.000001', position: 400 },
  bytes: 396,
  transactions: 2,
  gtids: '0-1-2',
  files: [],
};
const tail = { logs: [{ host: range.host, binlogBase: '/b/bin', end: range.to }], from: range.from };

/** Both sides joined by a real message channel, so that everything goes through the structured clone. */
function joined(verbs: Partial<RecoveryVerbs>): { readonly calls: Calls; readonly close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const calls = new Calls((order) => {
    port1.postMessage(order);
  });
  port1.on('message', (report: Report) => {
    calls.take(report);
  });
  const silent = (): Promise<void> => Promise.resolve();
  const never = (): Promise<never> => Promise.reject(new Error('not expected'));
  const all: RecoveryVerbs = {
    warm: silent,
    begin: silent,
    findCopy: never,
    findStart: never,
    saveTail: never,
    saveRelay: never,
    serve: never,
    stopServing: silent,
    end: silent,
    close: silent,
    ...verbs,
  };
  const take = answerCalls(all, (report) => {
    port2.postMessage(report);
  });
  port2.on('message', (order: Order) => {
    take(order);
  });
  return {
    calls,
    close: () => {
      port1.close();
    },
  };
}

describe('the conversation between the threads', () => {
  it('brings a result back to the call that asked', async () => {
    const { calls, close } = joined({ saveTail: () => Promise.resolve([range]) });
    const [answer, nothing] = await Promise.all([
      calls.call({ kind: 'saveTail', request: tail }),
      calls.call({ kind: 'warm' }),
    ]);
    expect(answer).toEqual({ kind: 'ranges', ranges: [range] });
    expect(nothing).toEqual({ kind: 'nothing' });
    close();
  });

  it('carries a password and wraps it again', async () => {
    let seen: ServeRequest | undefined;
    const { calls, close } = joined({
      serve: (request) => {
        seen = request;
        return Promise.resolve({ host: '127.0.0.1', port: 1 });
      },
    });
    const account = { user: 'repl', password: new Secret('canary-77') };
    const request = { replica: serverId('b', 2), serverId: 2, account, via: { kind: 'tunnel' } } as const;
    await calls.call({ kind: 'serve', request: serveToText(request) });
    expect(seen?.account?.password.reveal()).toBe('canary-77');
    expect(JSON.stringify(seen)).not.toContain('canary-77');
    close();
  });

  it('keeps the code and the facts of a fault', async () => {
    const fault = new Fault('RECOVERY_LISTEN_FAILED', { replica: 'b:2', address: '10.0.0.1', message: 'no' });
    const { calls, close } = joined({ serve: () => Promise.reject(fault) });
    const request = { replica: serverId('b', 2), serverId: 2, via: { kind: 'tunnel' } } as const;
    const failure: unknown = await calls.call({ kind: 'serve', request }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Fault);
    expect(failure).toMatchObject({ code: fault.code, facts: fault.facts });
    close();
  });

  it('keeps the words of an error that is no fault', async () => {
    const { calls, close } = joined({ warm: () => Promise.reject(new TypeError('broken')) });
    await expect(calls.call({ kind: 'warm' })).rejects.toThrow('broken');
    close();
  });

  it('aborts the work on the other side', async () => {
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    let ended = (): void => undefined;
    const aborted = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const { calls, close } = joined({
      saveTail: (_request, signal) => {
        started();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended();
            reject(new Error('aborted there'));
          });
        });
      },
    });
    const control = new AbortController();
    const call = calls.call({ kind: 'saveTail', request: tail }, { signal: control.signal });
    await running;
    control.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    await aborted;
    close();
  });

  it('ends all calls, present and future, when the thread dies', async () => {
    const calls = new Calls(() => undefined);
    const present = calls.call({ kind: 'warm' });
    calls.break('out of memory');
    await expect(present).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
    await expect(calls.call({ kind: 'end' })).rejects.toMatchObject({ facts: { message: 'out of memory' } });
  });

  it('does not wait for ever for a thread that is stuck', async () => {
    const calls = new Calls(() => undefined);
    await expect(calls.call({ kind: 'end' }, { deadlineMs: 5 })).rejects.toMatchObject({
      code: 'RECOVERY_THREAD_DIED',
    });
  });
});
