import { formatCoordinates } from '../model/coordinates.js';
import type { ServerOutcome, Standing } from '../model/outcome.js';

const roleWords: Readonly<Record<ServerOutcome['role'], string>> = {
  'old-source': 'old source',
  'new-source': 'new source',
  recovered: 'recovered',
  levelled: 'level, not repointed',
  behind: 'NOT RECOVERED',
  untouched: 'left alone',
};

/** Each server with its place before and after; what was not seen is said, not left out. */
export function serverLines(servers: readonly ServerOutcome[]): readonly string[] {
  const width = Math.max(0, ...servers.map(({ server }) => server.length));
  return servers.flatMap(({ server, role, before, after }) => [
    `${server.padEnd(width)}  ${roleWords[role]}`,
    `  before  ${standingWords(before)}`,
    `  after   ${standingWords(after)}`,
  ]);
}

function standingWords(standing: Standing | undefined): string {
  if (standing === undefined) return 'not known: it did not answer';
  const { received, executed, gtid, readOnly } = standing;
  const parts = [
    ...(executed === undefined ? [] : [`executed ${formatCoordinates(executed)}`]),
    ...(received === undefined ? [] : [`received ${formatCoordinates(received)}`]),
    ...(gtid === '' ? [] : [`GTID ${oneLine(gtid)}`]),
    ...(readOnly === undefined ? [] : [readOnly ? 'read-only' : 'takes writes']),
  ];
  return parts.length === 0 ? 'it tells no position' : parts.join(', ');
}

/** MySQL prints a GTID set over several lines. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
