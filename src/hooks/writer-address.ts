import { describeError, Fault } from '../model/fault.js';
import type { Reach } from '../model/picture.js';
import type { ClusterSettings, ServerId, ServerSettings } from '../model/settings.js';
import type { Addresses, AddressReadiness } from '../ports/addresses.js';
import type { Knock } from '../ports/knock.js';
import type { AskOptions } from '../ports/servers.js';
import type { Shells } from '../ports/shell.js';
import * as commands from './address-commands.js';

export interface AddressPorts {
  readonly shells: Shells;
  readonly knock: Knock;
  /** Asks a server as always, but at another address. */
  readonly askAt: (server: ServerSettings, address: string, deadlineMs: number) => Promise<Reach>;
}

const commandMs = 5_000;

const knockMs = 1_000;

const within = (signal: AbortSignal): AskOptions => ({ deadlineMs: commandMs, signal });

/** The writer's address moved by the product itself. Knows a host's own words for it, decides nothing. */
export function writerAddress(settings: ClusterSettings, ports: AddressPorts): Addresses {
  const serverOf = (id: ServerId): ServerSettings => {
    const found = settings.servers.find((server) => server.id === id);
    if (found === undefined) throw new Error(`bug: ${id} is not configured`);
    return found;
  };
  const placeOf = (id: ServerId): commands.AddressPlace => commands.placeOf(vipOf(settings), serverOf(id));
  const run = async (id: ServerId, command: string, purpose: string, options: AskOptions): Promise<string> => {
    const door = ports.shells.door(id);
    const { code, stdout, stderr } = await door.run(command, options);
    if (code === 0) return stdout;
    const status = code === undefined ? 'no exit code' : `exit code ${String(code)}`;
    throw new Fault('SSH_COMMAND_FAILED', { host: door.host, status, message: stderr.trim(), purpose });
  };
  return {
    look: async (id, options) =>
      commands.readHeld(await run(id, commands.lookCommand(placeOf(id)), "look for the writer's address", options)),
    add: async (id, signal, as) => {
      await run(id, commands.addCommand(placeOf(id), as), "bring the writer's address up", within(signal));
    },
    remove: async (id, held, signal) => {
      await run(id, commands.removeCommand(placeOf(id), held), "take the writer's address down", within(signal));
    },
    announce: async (id, signal) => {
      const place = placeOf(id);
      const { code, stdout, stderr } = await ports.shells.door(id).run(commands.announceCommand(place), within(signal));
      if (code === 0) return stdout.trim();
      const facts = { server: id, address: place.vip.address, interface: place.interface, message: stderr.trim() };
      throw new Fault('WRITER_ADDRESS_NOT_ANNOUNCED', facts);
    },
    through: (id, deadlineMs) => ports.askAt(serverOf(id), vipOf(settings).address, deadlineMs),
    signsOfLife: (id, witnesses, signal) =>
      signsOfLife(serverOf(id), vipOf(settings).address, witnesses, ports, signal),
    ready: (id, signal) => ready(id, placeOf(id), ports.shells, signal),
    shown: (verb, id) => {
      const place = placeOf(id);
      switch (verb) {
        case 'add':
          return [commands.addCommand(place)];
        case 'remove':
          return [commands.removeCommand(place, commands.configured(place))];
        case 'announce':
          return commands.announceCommand(place).split('\n');
        case 'verify':
          return [
            `connect to ${place.vip.address}:${String(serverOf(id).port)}; compare server_id, server_uuid, read_only`,
          ];
      }
    },
  };
}

function vipOf({ writerVip, app }: ClusterSettings): NonNullable<ClusterSettings['writerVip']> {
  if (writerVip === undefined) throw new Error(`bug: ${app} has no writer_vip`);
  return writerVip;
}

async function ready(
  id: ServerId,
  place: commands.AddressPlace,
  shells: Shells,
  signal: AbortSignal,
): Promise<AddressReadiness> {
  try {
    const { code, stdout, stderr } = await shells.door(id).run(commands.readyCommand(place), within(signal));
    if (code !== 0) return { kind: 'cannot-tell', why: stderr.trim() || `exit code ${String(code)}` };
    const lines = stdout.split('\n');
    const after = (word: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    const held = commands.readHeld(after('held').join('\n'));
    const [forbidden] = after('forbidden');
    return {
      kind: 'asked',
      hasInterface: lines.includes('interface'),
      ...(held === undefined ? {} : { held }),
      ...(forbidden === undefined ? {} : { forbidden: forbidden || 'sudo says no more' }),
      announcers: after('announcer'),
    };
  } catch (error) {
    return { kind: 'cannot-tell', why: describeError(error) };
  }
}

/** A refusal is a sign of life as well: only a running host refuses. */
async function signsOfLife(
  { id, address, port, ssh }: ServerSettings,
  vip: string,
  witnesses: readonly ServerId[],
  { shells, knock }: AddressPorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const places = [
    { what: `the writer's address (${vip}:${String(port)})`, address: vip, port },
    { what: `${id} (${address}:${String(port)})`, address, port },
  ];
  const sshPort = { what: `the SSH port of ${id} (${ssh.address}:${String(ssh.port)})`, ...ssh };
  const fromHere = [...places, sshPort].map(async (place) => {
    const sight = await knock(place.address, place.port, knockMs);
    return sight === 'no-answer' || sight === 'cannot-tell' ? [] : [`${place.what} answers, seen from here`];
  });
  const fromThere = witnesses.flatMap((witness) =>
    places.map(async (place) => {
      const sight = await shells
        .door(witness)
        .probePort(place.address, place.port, knockMs)
        .catch(() => 'cannot-tell');
      return sight === 'open' || sight === 'refused' ? [`${place.what} answers, seen from ${witness}`] : [];
    }),
  );
  const signs = await Promise.all([...fromHere, ...fromThere]);
  signal.throwIfAborted();
  return signs.flat();
}
