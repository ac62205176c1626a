import { describeError, Fault, isFault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { HeldAddress } from '../../ports/addresses.js';
import type { Hand, World } from '../hand.js';

/** A host whose power was cut may take this long to fall silent; every other one is looked at just a little longer than once. */
const powerMs = 10_000;
const silentMs = 2_000;
const betweenLooksMs = 200;
const lookMs = 5_000;
/** For one more try at a host without a shell: it may have come back. */
const againMs = 1_000;
const verifyMs = 10_000;
const askMs = 1_000;

function vip({ settings }: Pick<World, 'settings'>): string {
  return settings.writerVip?.address ?? '';
}

function notMoved(world: World, server: ServerId, why: string): Fault {
  return new Fault('WRITER_ADDRESS_NOT_MOVED', { address: vip(world), server, why });
}

/**
 * The old host loses the address first. Where it has no shell for us, its address may still answer: then nobody else gets it
 * unless that host answers nowhere at all.
 */
export const releaseAddress: Hand<'release-address'> = {
  title: ({ server }) => `${server}: take the writer's address from its host`,
  deadlineMs: 30_000,
  already: (_, { facts }) => Promise.resolve(facts.addressReleased !== undefined),
  async perform({ server }, world) {
    const { addresses, facts, signal } = world;
    // At once where no shell is expected: the clients wait.
    const early = facts.sshReachable ? undefined : signsOf(server, world);
    early?.catch(() => undefined);
    let held: HeldAddress | undefined;
    try {
      held = await addresses.look(server, { deadlineMs: facts.sshReachable ? lookMs : againMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!isFault(error)) throw error;
      await untilSilent(server, error, world, early);
      return;
    }
    if (held === undefined) {
      facts.addressReleased ??= facts.addressHeld === undefined ? 'absent' : 'removed';
      return;
    }
    facts.addressHeld = held;
    await addresses.remove(server, held, signal);
  },
  async verify({ server }, world) {
    if (world.facts.addressReleased !== undefined) return;
    const held = await lookAt(server, world);
    if (held !== undefined) throw notMoved(world, server, `${held.interface} still has it`);
    world.facts.addressReleased = 'removed';
  },
  async undo({ server }, world) {
    const { facts, addresses, signal } = world;
    const { addressHeld, addressAt } = facts;
    delete facts.addressReleased;
    if (addressHeld === undefined) return;
    if (addressAt !== undefined) {
      const reach = await addresses.through(addressAt, askMs);
      const gone = reach.kind === 'no-answer';
      if (!gone) throw notMoved(world, server, `${addressAt} still answers there, and could not be told to give it up`);
    }
    if ((await lookAt(server, world)) === undefined) await addresses.add(server, signal, addressHeld);
    await addresses.announce(server, signal);
  },
  show: ({ server }, { addresses }) => [
    ...addresses.shown('remove', server),
    `if ${server} has no shell for us: go on only when nothing answers at its addresses, seen from here and from every replica`,
  ],
};

/** MHA's 0 says that the power is off; a machine may need a moment to go. */
async function untilSilent(
  server: ServerId,
  error: Fault,
  world: World,
  early: Promise<readonly string[]> | undefined,
): Promise<void> {
  const { clock, facts, signal } = world;
  const isOff = facts.hookResults.some(({ hook, outcome }) => hook === 'shutdown_script' && outcome === 'ok');
  const end = clock.now() + (isOff ? powerMs : silentMs);
  for (let signs = await (early ?? signsOf(server, world)); ; signs = await signsOf(server, world)) {
    if (signs.length === 0) break;
    if (clock.now() >= end) throw notMoved(world, server, `${describeError(error)}; ${signs.join('; ')}`);
    await clock.sleep(betweenLooksMs, signal);
  }
  facts.addressReleased = 'silent';
  world.progress('no shell there, and nothing answers at its addresses');
}

function signsOf(server: ServerId, { addresses, facts, signal }: World): Promise<readonly string[]> {
  return addresses.signsOfLife(server, [...facts.former.keys()], signal);
}

function lookAt(server: ServerId, { addresses, signal }: World): Promise<HeldAddress | undefined> {
  return addresses.look(server, { deadlineMs: lookMs, signal });
}

/** Before the opening: whoever finds the new source there too early is refused by read_only, as with MHA's script. */
export const takeAddress: Hand<'take-address'> = {
  title: ({ server }) => `${server}: give its host the writer's address`,
  deadlineMs: 15_000,
  already: async ({ server }, world) => (await lookAt(server, world)) !== undefined,
  async perform({ server }, world) {
    world.facts.addressAt = server;
    await world.addresses.add(server, world.signal);
  },
  async verify({ server }, world) {
    const held = await lookAt(server, world);
    if (held === undefined) throw notMoved(world, server, 'it is not there after it was added');
  },
  async undo({ server }, world) {
    const held = await lookAt(server, world);
    if (held !== undefined) await world.addresses.remove(server, held, world.signal);
    delete world.facts.addressAt;
  },
  show: ({ server }, { addresses }) => addresses.shown('add', server),
};

/** Beside the opening, which need not wait for it: neighbours that still know the old host would send there. */
export const announceAddress: Hand<'announce-address'> = {
  title: ({ server }) => `${server}: tell the neighbours of the writer's address`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    world.progress(`by ${await world.addresses.announce(server, world.signal)}`);
  },
  show: ({ server }, { addresses }) => addresses.shown('announce', server),
};

/** A client's way, from here: whoever answers there must be the new source, and take writes. */
export const verifyAddress: Hand<'verify-address'> = {
  title: ({ server }) => `${server}: connect through the writer's address`,
  onlyLooks: true,
  deadlineMs: 20_000,
  async perform({ server }, world) {
    const { clock, signal } = world;
    const end = clock.now() + verifyMs;
    for (;;) {
      const why = await wrongAt(server, world);
      if (why === undefined) return;
      if (clock.now() >= end) throw notMoved(world, server, why);
      await clock.sleep(betweenLooksMs, signal);
    }
  },
  show: ({ server }, { addresses }) => addresses.shown('verify', server),
};

async function wrongAt(server: ServerId, { addresses, facts }: World): Promise<string | undefined> {
  const reach = await addresses.through(server, askMs);
  if (reach.kind !== 'answered') return `a connection to it fails: ${reach.message}`;
  const wanted = facts.former.get(server)?.state;
  const { serverId, serverUuid, hostname, readOnly } = reach.state;
  if (serverId !== wanted?.serverId || serverUuid !== wanted.serverUuid) {
    return `another server answers there: ${hostname}, server_id ${String(serverId)}`;
  }
  return readOnly ? 'the server that answers there is read-only' : undefined;
}
