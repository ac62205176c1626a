import { describeError } from '../model/fault.js';
import type { Channel } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Bench, Former, World } from './hand.js';
import { mayBeRaised, raised } from './parallel-applying.js';
import { stopApplierAgain } from './steps/applier.js';
import { restoreApplying } from './steps/raise-appliers.js';
import { startAsBefore } from './steps/mutual.js';
import { asClosedAsBefore } from './steps/promote.js';
import { restoreFormer } from './steps/serve.js';
import { channelOf, run } from './steps/sql.js';

/** What a run wrote down before its first change: `former-settings.json`. */
export interface FormerRecord {
  readonly command: 'failover' | 'switch';
  readonly source: ServerId;
  /** A switch: whether the source was read-only before it. */
  readonly sourceReadOnly?: boolean;
  /** A switch between two that follow each other: the source's channel to the one that was to take over. */
  readonly following?: Channel;
  /** A switch: whom the source followed before it. */
  readonly sourceFollowed?: readonly { readonly host: string; readonly port: number }[];
  readonly formers: readonly Former[];
}

/**
 * Puts back what a killed run left behind before its point of no return: each replica follows its former source again at its present
 * position, with threads and settings as they were. Every part looks first, so that running it twice does no harm.
 */
export async function putBack(record: FormerRecord, world: Bench): Promise<void> {
  for (const former of record.formers) world.facts.former.set(former.server, former);
  if (record.command === 'switch') await Promise.all(record.formers.map((former) => closeOpened(former, world)));
  // Clients wait for the source of a switch: it neither waits for a replica nor stays closed for the sake of one.
  const source = await Promise.allSettled(record.command === 'switch' ? [putBackSource(record, world)] : []);
  const replicas = await Promise.allSettled(record.formers.map((former) => putBackReplica(former, world)));
  const failed = [...source, ...replicas].find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  if (record.command !== 'switch') return;
  await Promise.all(record.formers.map((former) => untilConnected(former, world)));
}

/** No step of ours opens a replica before the point of no return, but the site's script may have done so: MHA's sample does. */
async function closeOpened({ server, state }: Former, world: Bench): Promise<void> {
  if (!state.readOnly) return;
  const reach = await world.servers.reach(server, lookMs);
  if (reach.kind !== 'answered' || reach.state.readOnly) return;
  const dialect = world.servers.dialect(server);
  await run(world, server, [...dialect.readOnly(true), ...asClosedAsBefore(state, dialect)]);
}

async function putBackSource({ source, sourceReadOnly, following }: FormerRecord, world: Bench): Promise<void> {
  const { servers } = world;
  if (sourceReadOnly === false) await run(world, source, servers.dialect(source).readOnly(false));
  if (following !== undefined) await run(world, source, startAsBefore(following, servers.dialect(source)));
}

const connectMs = 5_000;
const pauseMs = 20;

/** A receiver that was started a moment ago still connects, which the checks that come next would hold against it. */
async function untilConnected({ server, channel }: Former, world: Bench): Promise<void> {
  const until = world.clock.now() + connectMs;
  while (world.clock.now() < until) {
    // It is put back already: a server that answers no more is not this function's affair.
    const now = await channelOf(world, server, channel.name).catch(() => undefined);
    if (now?.receiver !== 'connecting' || now.receiverError.number !== 0) return;
    await world.clock.sleep(pauseMs, world.signal);
  }
}

async function putBackReplica(former: Former, world: Bench): Promise<void> {
  const { server, channel, state } = former;
  const dialect = world.servers.dialect(server);
  const now = await channelOf(world, server, channel.name);
  const moved = now?.sourceHost !== channel.sourceHost || now.sourcePort !== channel.sourcePort;
  if (moved) await restoreFormer(channel.name, former, world);
  if (mayBeRaised(former) && (await isRaised(former, world))) await restoreApplying(former, world);
  if (channel.applier !== 'stopped') await run(world, server, dialect.startApplier(channel.name));
  if (channel.receiver !== 'stopped') await run(world, server, dialect.startReceiver(channel.name));
  await stopApplierAgain(server, channel.name, world);
  if (state.relayLogPurge) await run(world, server, dialect.relayLogPurge(true));
  await putBackSemiSync(former, world);
  await run(world, server, asClosedAsBefore(state, dialect));
}

/**
 * Who was to be opened is told before not to wait while nobody follows it (see `armSemiSync`). Left so, it would take its
 * replicas' absence for leave to go on alone when it is the source one day.
 */
async function putBackSemiSync({ server, state: { semiSync } }: Former, world: Bench): Promise<void> {
  if (semiSync?.asSource === undefined) return;
  const reach = await world.servers.reach(server, lookMs);
  const now = reach.kind === 'answered' ? reach.state.semiSync?.asSource : undefined;
  const { enabled, waitsForNobody } = semiSync.asSource;
  if (now === undefined || now.waitsForNobody) return;
  if (now.enabled === enabled && now.waitsForNobody === waitsForNobody) return;
  await run(world, server, world.servers.dialect(server).semiSyncAsSource(semiSync.words, { enabled, waitsForNobody }));
}

/** By what a run sets, and not by what somebody has set since. Where it cannot be told it is put back: that changes nothing then. */
async function isRaised({ server, channel }: Former, { servers }: Bench): Promise<boolean> {
  const reach = await servers.reach(server, lookMs);
  if (reach.kind !== 'answered') return true;
  const now = reach.state.channels.find(({ name }) => name === channel.name);
  const hasMode = now?.parallelMode === raised.mode && channel.parallelMode !== raised.mode;
  return reach.state.parallelThreads === raised.threads || (reach.state.parallelThreads === 0 && hasMode);
}

/** What a killed run may have done to the writer's address, by the steps that its journal knows of. */
export interface AddressRecord {
  readonly taken: readonly ServerId[];
  readonly released?: ServerId;
}

const lookMs = 5_000;

const throughMs = 1_000;

/**
 * Away from whom the run gave it to, then back to the source, where its host still has a shell. What could not be done is
 * returned: a host that is gone must not keep the command that is starting from failing over.
 */
export async function putBackAddress(
  { taken, released }: AddressRecord,
  { addresses, signal }: Pick<World, 'addresses' | 'signal'>,
): Promise<readonly string[]> {
  const look = { deadlineMs: lookMs, signal };
  const troubles: string[] = [];
  let answers = false;
  for (const server of taken) {
    try {
      const held = await addresses.look(server, look);
      if (held !== undefined) await addresses.remove(server, held, signal);
    } catch (error) {
      troubles.push(
        `the writer's address could not be taken from ${server}, which may have it: ${describeError(error)}`,
      );
      answers ||= (await addresses.through(server, throughMs)).kind !== 'no-answer';
    }
  }
  if (released === undefined) return troubles;
  try {
    if ((await addresses.look(released, look)) !== undefined) return troubles;
    // Two hosts with one address would be worse than none.
    if (answers) throw new Error('something still answers there');
    await addresses.add(released, signal);
    await addresses.announce(released, signal);
    return troubles;
  } catch (error) {
    return [...troubles, `the writer's address could not be given back to ${released}: ${describeError(error)}`];
  }
}
