import type { Bus } from '../report/bus.js';

export interface ShowOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export function renderRun(bus: Bus, show: ShowOptions): { finish(): Promise<void> } {
  renderNotes(bus, show);
  return { finish: () => Promise.resolve() };
}

export function renderNotes(bus: Bus, show: ShowOptions): void {
  if (show.quiet) return;
  bus.subscribe((event) => {
    if (event.kind === 'step-progress') return;
    const { kind, wall, ...rest } = event;
    process.stderr.write(
      `${new Date(wall).toISOString()} ${kind} ${JSON.stringify({ ...rest, cluster: undefined, run: undefined, sequence: undefined, at: undefined })}\n`,
    );
  });
}
