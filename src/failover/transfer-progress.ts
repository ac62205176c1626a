import type { ServerId } from '../model/settings.js';
import type { Events } from '../ports/events.js';
import type { Recovery } from '../ports/recovery.js';
import { stepId } from './plan.js';

const bytesPerMebibyte = 1024 * 1024;

/** Long transfers show how far they are, under the step that waits for them: a copy's as the source's own. */
export function tellTransfers(
  recovery: Recovery,
  events: Events,
  copies: ReadonlySet<ServerId>,
  source: ServerId,
): void {
  recovery.onProgress(({ kind, server, bytes, transactions }) => {
    const saved = copies.has(server) ? source : server;
    const step = kind === 'fetched' ? stepId('complete-tail', saved) : stepId('reach-target', server);
    const phase = kind === 'fetched' ? 'save-binlog' : 'apply-saved-binlog';
    const count = transactions === 0 ? '' : `, ${String(transactions)} transactions`;
    const text = `${kind} ${(bytes / bytesPerMebibyte).toFixed(1)} MiB${count}`;
    events.emit({ kind: 'step-progress', phase, step, text, done: bytes });
  });
}
