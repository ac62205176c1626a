import { formatCoordinates } from '../model/coordinates.js';
import type { Rescued, RunOutcome } from '../model/outcome.js';
import type { ServerId } from '../model/settings.js';
import type { RunEvent } from '../ports/events.js';
import { countOf, formatBytes, formatMs, formatWall } from './amounts.js';
import { oneLine, serverLines } from './server-lines.js';
import { timelineLines } from './timeline.js';

/**
 * The report of a finished run, read by somebody who was just woken: what is so now, what is lost, what to do, and only
 * then why and how. Pure; ends with a line feed.
 */
export function failoverReport(outcome: RunOutcome, history: readonly RunEvent[]): string {
  const sections = [
    section('Now', now(outcome)),
    section('Stopped because', refusal(outcome)),
    section('Lost or not known', losses(outcome)),
    section(
      'To do',
      outcome.next.map((what, index) => `${String(index + 1)}. ${what}`),
    ),
    section('Not recovered', notRecovered(outcome)),
    section(`Why ${outcome.oldSource} was given up`, evidence(outcome)),
    section('Why this new source', choice(outcome)),
    section(
      'Rescued',
      outcome.rescued.flatMap((rescued) => rescueLines(rescued, outcome.oldSource)),
    ),
    section('Transactions ended', ended(outcome)),
    section('Servers', serverLines(outcome.servers)),
    section('Timeline', timelineLines(history)),
    section('Hooks', outcome.hooks.flatMap(hookLines)),
    section('Warnings', outcome.warnings),
  ];
  return `${[[reportSubject(outcome), runLine(outcome)], ...sections]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/**
 * One line in the form of MHA's, which mail filters of its users look for; a switch has a form of its own.
 * @param named how servers are named; MHA's subjects have their addresses as well
 */
export function reportSubject(outcome: RunOutcome, named: (id: ServerId) => string = (id) => id): string {
  const { command, cluster, oldSource, newSource, exit } = outcome;
  const what = command === 'failover' ? 'MySQL Master failover' : 'MySQL Master switch';
  const servers = newSource === undefined ? named(oldSource) : `${named(oldSource)} to ${named(newSource)}`;
  const end = { 0: 'succeeded', 1: 'aborted', 10: partly(outcome) }[exit];
  return `${cluster}: ${what} ${servers} ${end}`;
}

function partly({ servers, writerAddress }: RunOutcome): string {
  const isLost = writerAddress?.verified === false && !servers.some(({ role }) => role === 'behind');
  return isLost ? "done, but the writer's address does not lead to it" : 'done, but not every server was recovered';
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`)];
}

function runLine({ run, startedWall, endedWall, exit }: RunOutcome): string {
  const took = formatMs(endedWall - startedWall);
  return `Run ${run}, from ${formatWall(startedWall)} to ${formatWall(endedWall)} (${took}), exit code ${String(exit)}`;
}

function now(outcome: RunOutcome): readonly string[] {
  const { newSource, opened, openedWall, startedWall, servers } = outcome;
  if (newSource === undefined) return ['No server was promoted by this run.'];
  const when =
    openedWall === undefined
      ? ''
      : ` at ${formatWall(openedWall)}, ${formatMs(openedWall - startedWall)} after the run began`;
  const at = opened === undefined ? [] : [openedAt(opened)];
  const following = servers.filter(({ role }) => role === 'recovered').map(({ server }) => server);
  const follow = following.length === 0 ? 'No other replica follows it.' : `Following it: ${following.join(', ')}.`;
  const levelled = servers.filter(({ role }) => role === 'levelled').map(({ server }) => server);
  const kept = levelled.length === 0 ? [] : [`Level with it, and not pointed to it: ${levelled.join(', ')}.`];
  const behind = servers.filter(({ role }) => role === 'behind').map(({ server }) => server);
  const missing = behind.length === 0 ? [] : [`NOT following it: ${behind.join(', ')}.`];
  const isClosed = servers.some(({ role, after }) => role === 'new-source' && after?.readOnly === true);
  const state = isClosed ? `was promoted${when}, and is read-only` : `was opened for writes${when}`;
  const opening = `${newSource} is the new source; it ${state}.`;
  return [opening, ...at, ...addressLines(outcome), follow, ...kept, ...missing];
}

function addressLines({ writerAddress, oldSource }: RunOutcome): readonly string[] {
  if (writerAddress?.server === undefined) return [];
  const { address, server, oldHost, verified } = writerAddress;
  const state = verified ? ', and leads to it' : '; a connection through it did NOT find the new source';
  const old =
    oldHost === 'silent'
      ? [`It could not be taken from the host of ${oldSource}, which answers nowhere: that host may still have it.`]
      : [];
  return [`The writer's address ${address} is on the host of ${server}${state}.`, ...old];
}

function openedAt({ at, gtid }: NonNullable<RunOutcome['opened']>): string {
  const set = gtid === '' ? '' : `, GTID ${oneLine(gtid)}`;
  return `Its own binary log began to take clients' writes at ${formatCoordinates(at)}${set}.`;
}

function refusal({ refusal: reason }: RunOutcome): readonly string[] {
  if (reason === undefined) return [];
  return [`${reason.code}: ${reason.seen}`, `Why it matters: ${reason.matters}`, `What to do: ${reason.next}`];
}

function losses({ losses: sentences, newSource }: RunOutcome): readonly string[] {
  if (sentences.length > 0) return sentences;
  return [newSource === undefined ? 'Nothing was given up: no server was promoted.' : 'Nothing that any machine held.'];
}

function notRecovered({ servers, newSource }: RunOutcome): readonly string[] {
  const settings = {
    'former-source': 'It keeps its former replication settings at its present position.',
    'new-source': `It is pointed to ${newSource ?? 'the new source'} already: mend what hinders it, and give it no other place.`,
  };
  return servers
    .filter(({ role }) => role === 'behind')
    .flatMap(({ server, why, next, setTo }) => [
      `${server}: ${why ?? 'the reason is not known'}`,
      ...(setTo === undefined ? [] : [`  ${settings[setTo]}`]),
      ...(next === undefined ? [] : [`  Next: ${next}`]),
    ]);
}

function evidence({ command, evidence: { code, lines } }: RunOutcome): readonly string[] {
  if (command === 'switch' && code === '' && lines.length === 0) return [];
  return [code, ...lines].filter((line) => line !== '');
}

function choice({ newSource, whyChosen, unfit }: RunOutcome): readonly string[] {
  const chosen = whyChosen === undefined ? [] : [`${newSource ?? 'It'}: ${whyChosen}`];
  return [...chosen, ...unfit.map(({ server, why }) => `${server} could not be it: ${why}`)];
}

const kindWords: Readonly<Record<Rescued['kind'], string>> = {
  tail: 'its binary log',
  relay: 'its relay log',
  laggard: 'its binary log, for replicas far behind',
};

function rescueLines(rescued: Rescued, oldSource: RunOutcome['oldSource']): readonly string[] {
  const { from, copy, kind, start, end, bytes, transactions, gtids, defect, files } = rescued;
  const what = copy === undefined ? kindWords[kind] : kindWords[kind].replace('its', `its copy of ${oldSource}'s`);
  return [
    `${countOf(transactions, 'transaction')}, ${formatBytes(bytes)}, from ${copy ?? from} (${what})`,
    `  ${formatCoordinates(start)} to ${formatCoordinates(end)}${gtids === '' ? '' : `, GTID ${oneLine(gtids)}`}`,
    ...(defect === undefined ? [] : [`  Not used beyond that: ${defect}`]),
    ...files.map((file) => `  kept in ${file}`),
  ];
}

function ended({ ended: transactions }: RunOutcome): readonly string[] {
  return transactions.map(
    ({ connectionId, user, statement }) => `connection ${String(connectionId)} of ${user}: ${oneLine(statement)}`,
  );
}

function hookLines({ hook, outcome, output }: RunOutcome['hooks'][number]): readonly string[] {
  const said = output.trim();
  return [`${hook}: ${outcome}`, ...(said === '' ? [] : said.split('\n').map((line) => `  ${line}`))];
}
