import type { RunEvent } from '../ports/events.js';
import { progressWords, shareOf } from './step-words.js';

type StepProgress = Extract<RunEvent, { kind: 'step-progress' }>;

const cells = 20;

/** `[########------------] 42 %, fetched 1.2 GiB`; without a known end the words alone. */
export function progressBar(event: StepProgress): string {
  const share = shareOf(event.done, event.total);
  if (share === undefined) return progressWords(event);
  const full = Math.floor(share * cells);
  return `[${'#'.repeat(full)}${'-'.repeat(cells - full)}] ${progressWords(event)}`;
}
