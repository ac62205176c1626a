import type { NetworkAddress, ServerSettings } from '../model/settings.js';
import { shellWord } from '../model/shell-word.js';
import type { HeldAddress } from '../ports/addresses.js';
import { announcers } from './announcers.js';

/** Where the writer's address goes on one host, and as whom. */
export interface AddressPlace {
  readonly vip: NetworkAddress;
  readonly interface: string;
  readonly user: string;
}

export function placeOf(vip: NetworkAddress, { id, writerVipInterface, ssh }: ServerSettings): AddressPlace {
  if (writerVipInterface === undefined) throw new Error(`bug: ${id} has no interface for the writer's address`);
  return { vip, interface: writerVipInterface, user: ssh.user };
}

/** A login without a terminal may lack the directories of administration: Debian's default for a plain user does. */
const path = 'PATH=$PATH:/usr/sbin:/sbin';

function words(...parts: readonly string[]): string {
  return parts.map(shellWord).join(' ');
}

/** sudo -n never asks for a password: without a terminal it would only wait. */
function privileged({ user }: AddressPlace, ...parts: readonly string[]): string {
  return user === 'root' ? words(...parts) : words('sudo', '-n', ...parts);
}

function change(verb: 'add' | 'del', { vip }: AddressPlace, held: HeldAddress): readonly string[] {
  return ['ip', '-4', 'addr', verb, `${vip.address}/${String(held.prefix)}`, 'dev', held.interface];
}

/** As it is configured: what is added, and what is removed unless the host has it otherwise. */
export function configured({ vip, interface: name }: AddressPlace): HeldAddress {
  return { interface: name, prefix: vip.prefix };
}

export function addCommand(place: AddressPlace, as: HeldAddress = configured(place)): string {
  return `${path}; ${privileged(place, ...change('add', place, as))}`;
}

export function removeCommand(place: AddressPlace, held: HeldAddress): string {
  return `${path}; ${privileged(place, ...change('del', place, held))}`;
}

export function lookCommand({ vip }: AddressPlace): string {
  return `${path}; ${words('ip', '-o', '-4', 'addr', 'show', 'to', `${vip.address}/32`)}`;
}

/** `2: eth0    inet 10.0.0.100/24 scope global secondary eth0\       valid_lft ...`, a line for each. */
export function readHeld(output: string): HeldAddress | undefined {
  const match = /^\d+:\s+(\S+)\s+inet \d+\.\d+\.\d+\.\d+(?:\/(\d+))?\s/m.exec(output);
  if (match?.[1] === undefined) return undefined;
  return { interface: match[1], prefix: match[2] === undefined ? 32 : Number(match[2]) };
}

/** The first program that is there, may be run and answers 0; its name is printed. What the others said goes to stderr. */
export function announceCommand(place: AddressPlace): string {
  const tries = announcers.map(({ program, argv }) => {
    const command = privileged(place, ...argv(place.interface, place.vip.address));
    return `command -v ${program} >/dev/null && { said=$(${command} 2>&1 </dev/null) && { echo ${program}; exit 0; }; echo "${program}: $said" >&2; }`;
  });
  const names = announcers.map(({ program }) => program).join(', ');
  return [path, ...tries, `echo ${shellWord(`none of ${names} could do it`)} >&2`, 'exit 1'].join('\n');
}

/** One question for everything that a check wants to know. */
export function readyCommand(place: AddressPlace): string {
  const name = shellWord(place.interface);
  const permission =
    place.user === 'root'
      ? []
      : [
          // sudo -l with a command only asks whether it would be let run.
          ...(['add', 'del'] as const).map((verb) => {
            const asked = words('sudo', '-n', '-l', ...change(verb, place, configured(place)));
            return `said=$(${asked} 2>&1 >/dev/null) || echo "forbidden $(echo $said)"`;
          }),
        ];
  return [
    path,
    `ip -o link show dev ${name} >/dev/null && echo interface`,
    `${words('ip', '-o', '-4', 'addr', 'show', 'to', `${place.vip.address}/32`)} | sed 's/^/held /'`,
    ...permission,
    ...announcers.map(({ program }) => `command -v ${program} >/dev/null && echo "announcer ${program}"`),
    'command -v ip >/dev/null',
  ].join('\n');
}
