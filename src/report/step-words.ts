import type { RunEvent } from '../ports/events.js';

type StepStarted = Extract<RunEvent, { kind: 'step-started' }>;
type StepProgress = Extract<RunEvent, { kind: 'step-progress' }>;

/** Titles name their server in front; where the server has a place of its own it would stand there twice. */
export function withoutServer({ title, server }: StepStarted): { readonly title: string; readonly server?: string } {
  if (server === undefined) return { title };
  return { server, title: title.startsWith(`${server}: `) ? title.slice(server.length + 2) : title };
}

/** `42 %, fetched 1.2 GiB`; the share only where the end is known. */
export function progressWords({ text, done, total }: StepProgress): string {
  const share = shareOf(done, total);
  return share === undefined ? text : `${String(Math.floor(share * 100))} %${text === '' ? '' : `, ${text}`}`;
}

/** Between 0 and 1; an end that grew meanwhile never gives more. */
export function shareOf(done: number | undefined, total: number | undefined): number | undefined {
  if (done === undefined || total === undefined || total <= 0) return undefined;
  return Math.min(1, Math.max(0, done / total));
}
