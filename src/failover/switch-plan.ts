import type { ServerId } from '../model/settings.js';
import { takingAddress } from './address-plan.js';
import { type Member, type Plan, type Step, step, stepId } from './plan.js';

/** A replica that is to follow the new source. */
export interface Follower extends Member {
  /** It applies late on purpose: its receiver is moved alone, or it goes on at what it has executed, or is left. */
  readonly delayed?: 'receiver-alone' | 'as-executed';
}

export interface SwitchInput {
  readonly source: ServerId;
  readonly chosen: Member;
  /** The other replicas of the source. */
  readonly others: readonly Follower[];
  readonly oldSourceStays: boolean;
  /** writer_vip: the writer's address moves with the source. */
  readonly movesAddress?: boolean;
  /** The old source's channel to the chosen one, where each follows the other. */
  readonly mutual?: string;
  /**
   * What the old source applies reaches those that still follow it, and some of them go on at a place in the new source: they
   * would be given it twice.
   */
  readonly passesOn?: boolean;
  /** How writes are stopped; left out: in the surest way. */
  readonly stopping?: StopWrites;
}

export interface StopWrites {
  /** False: read_only alone, MHA's --skip_lock_all_tables. */
  readonly lock: boolean;
  /** False: tables are not flushed beforehand, MHA's --flush_tables=0. */
  readonly flush: boolean;
}

const surely: StopWrites = { lock: true, flush: true };

/**
 * A planned switch: come near and drain while writes are open, stop writes, prove the chosen one level, open it, let the
 * others and the old source follow. Everything before `open-for-writes` can be undone, and is when it fails.
 */
export function planSwitch({
  source,
  chosen,
  others,
  oldSourceStays,
  movesAddress = false,
  mutual,
  passesOn = false,
  stopping = surely,
}: SwitchInput): Plan {
  const { server, channel } = chosen;
  const stopped = stepId('stop-writes', source);
  const opened = stepId('open-for-writes', server);
  const addressed = stepId('hook', server, 'online-start');
  const pause = mutual === undefined ? [] : [pausing(source, server, mutual)];
  const drained = [stepId('drain-transactions', source), ...pause.map(({ id }) => id)];
  const steps: Step[] = [
    step({ do: 'come-near', channel, source }, { phase: 'drain', server, onFailure: 'abort' }),
    step(
      { do: 'drain-transactions' },
      { phase: 'drain', server: source, needs: [stepId('come-near', server)], onFailure: 'abort' },
    ),
    ...pause,
    step(
      { do: 'hook', hook: 'online-stop' },
      { phase: 'stop-writes', server: source, needs: drained, onFailure: 'abort' },
    ),
    step(
      { do: 'stop-writes', ...(stopping.lock ? {} : { lock: false }), ...(stopping.flush ? {} : { flush: false }) },
      { phase: 'stop-writes', server: source, needs: [stepId('hook', source, 'online-stop')], onFailure: 'abort' },
    ),
    step({ do: 'reach-target', channel }, { phase: 'catch-up', server, needs: [stopped], onFailure: 'abort' }),
    step(
      { do: 'stop-replication', channel },
      { phase: 'promote', server, needs: [stepId('reach-target', server)], onFailure: 'abort' },
    ),
    step(
      { do: 'record-position' },
      { phase: 'promote', server, needs: [stepId('stop-replication', server)], onFailure: 'abort' },
    ),
    step(
      { do: 'hook', hook: 'online-start' },
      {
        phase: 'promote',
        server,
        needs: [stepId('record-position', server), ...(movesAddress ? [stepId('take-address', server)] : [])],
        onFailure: 'abort',
      },
    ),
    step({ do: 'arm-semi-sync' }, { phase: 'drain', server, needs: [stepId('come-near', server)], onFailure: 'note' }),
    step(
      { do: 'open-for-writes' },
      { phase: 'promote', server, needs: [addressed], after: [stepId('arm-semi-sync', server)], onFailure: 'abort' },
    ),
  ];
  if (movesAddress) {
    // Beside the catching up, so that it costs clients no time.
    const release = step(
      { do: 'release-address' },
      { phase: 'stop-writes', server: source, needs: [stopped], onFailure: 'abort' },
    );
    steps.push(release, ...takingAddress(server, [release.id, stepId('record-position', server)]));
  }
  for (const other of others) steps.push(...following(other, server, [stopped, opened]));
  const handing = { oldSourceStays, passesOn, ...(mutual === undefined ? {} : { mutual }) };
  steps.push(...handingOver(source, chosen, others, handing));
  return { name: 'switch', steps };
}

function pausing(source: ServerId, chosen: ServerId, channel: string): Step {
  const needs = [stepId('come-near', chosen)];
  return step({ do: 'pause-following', channel }, { phase: 'drain', server: source, needs, onFailure: 'abort' });
}

/** Level with what the old source wrote, then behind the new one. Nobody waits for what is applied late on purpose. */
function following({ server, channel, delayed }: Follower, to: ServerId, needs: readonly string[]): Step[] {
  const details = { phase: 'repoint', server, onFailure: 'give-up-server' } as const;
  if (delayed === 'as-executed') return [step({ do: 'repoint-delayed', channel, to }, { ...details, needs })];
  const level = step({ do: delayed === undefined ? 'reach-target' : 'receive-target', channel }, { ...details, needs });
  const move = { do: delayed === undefined ? 'repoint' : 'move-receiver', channel, to } as const;
  return [level, step(move, { ...details, needs: [level.id] })];
}

function lastOf({ server, delayed }: Follower): string {
  if (delayed === undefined) return stepId('repoint', server);
  return stepId(delayed === 'receiver-alone' ? 'move-receiver' : 'repoint-delayed', server);
}

/** The lock goes once the others have what they need; then the old source follows, and the new one forgets it. */
function handingOver(
  source: ServerId,
  chosen: Member,
  others: readonly Follower[],
  { oldSourceStays, passesOn, mutual }: Pick<SwitchInput, 'oldSourceStays' | 'passesOn' | 'mutual'>,
): Step[] {
  const { server, channel } = chosen;
  const opened = stepId('open-for-writes', server);
  const unlock = step(
    { do: 'unlock-writes' },
    { phase: 'repoint', server: source, needs: [opened], onFailure: 'note' },
  );
  const forget = step(
    { do: 'forget-source', channel },
    {
      phase: 'repoint',
      server,
      needs: [opened],
      after: others.map(lastOf),
      onFailure: 'note',
    },
  );
  const settle = (after: readonly string[]): Step =>
    step({ do: 'settle-semi-sync' }, { phase: 'repoint', server, needs: [opened], after, onFailure: 'note' });
  const following = {
    phase: 'repoint',
    server: source,
    needs: [unlock.id],
    after: passesOn === true ? others.map(lastOf) : [],
  } as const;
  if (!oldSourceStays) {
    const resume =
      mutual === undefined
        ? []
        : [step({ do: 'resume-following', channel: mutual }, { ...following, onFailure: 'note' })];
    return [unlock, ...resume, settle(others.map(lastOf)), forget];
  }
  const attach = step({ do: 'attach-old-source', to: server }, { ...following, onFailure: 'give-up-server' });
  return [unlock, attach, settle([...others.map(lastOf), attach.id]), forget];
}
