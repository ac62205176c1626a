import type { Finding, Severity } from '../../../model/finding.js';
import type { Check, Evidence } from '../evidence.js';
import { type AnsweringReplica, isTolerated, replicasOf, standsInTheWay } from '../roles.js';

/** Both threads run. Connecting is not running; with a dead source a receiver cannot run, and nothing is said of it. */
export const replicaThreads: Check = (evidence) =>
  replicasOf(evidence).flatMap((replica) => [
    ...(evidence.verdict.sourceAnswers ? receiver(replica, evidence) : []),
    ...applier(replica, evidence),
  ]);

function receiver(replica: AnsweringReplica, evidence: Evidence): readonly Finding[] {
  const { receiver: state, receiverError } = replica.channel;
  if (state === 'running') return [];
  return [
    {
      id: 'replica-threads',
      severity: stoppedSeverity(replica, evidence),
      server: replica.id,
      seen: `The receiver (I/O thread) of ${replica.id} is ${describeState(state)}${describeError(receiverError)}`,
      matters: 'It gets nothing from the source; what it lacks must be rescued from other machines in a failover.',
      fix:
        state === 'connecting'
          ? 'Check host, port, account and network between it and the source.'
          : 'Start it, after repairing what its error names.',
    },
  ];
}

function applier(replica: AnsweringReplica, evidence: Evidence): readonly Finding[] {
  const { applier: state, applierError } = replica.channel;
  if (state === 'running') return [];
  const broken = applierError.number !== 0;
  // MHA refuses a replica whose applier ended with an error whatever it is asked for; a cleanly stopped one it starts.
  const severity = broken && !isTolerated(replica.settings, evidence) ? 'refuse' : stoppedSeverity(replica, evidence);
  return [
    {
      id: 'replica-threads',
      severity,
      server: replica.id,
      seen: `The applier (SQL thread) of ${replica.id} is ${describeState(state)}${describeError(applierError)}`,
      matters: broken
        ? 'It cannot be brought level, so it could neither lead nor follow after a failover.'
        : 'What it has received is not applied; a failover starts it and has to wait for it.',
      fix: broken ? 'Repair what the error names, then start it; or rebuild the replica.' : 'Start it.',
    },
  ];
}

function stoppedSeverity({ settings }: AnsweringReplica, evidence: Evidence): Severity {
  return standsInTheWay(settings, evidence) ? 'refuse' : 'warn';
}

function describeState(state: string): string {
  return state === 'unknown'
    ? 'in a state that is not known'
    : state === 'connecting'
      ? 'connecting, not running'
      : state;
}

function describeError(error: { readonly number: number; readonly text: string }): string {
  return error.number === 0 ? '' : `: error ${String(error.number)}, ${error.text}`;
}
