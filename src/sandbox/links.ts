import { Fault } from '../model/fault.js';
import type { LabHost } from './lab.js';

/** `both`: nothing passes; `to`: what the first sends to the second is lost, the other way still works. */
export type Direction = 'both' | 'to';

/** Cuts as a pulled cable cuts: packets vanish, nobody is told. */
export async function cutLink(from: LabHost, to: LabHost, direction: Direction): Promise<void> {
  await dropFrom(from, to);
  if (direction === 'both') await dropFrom(to, from);
}

export async function healLink(one: LabHost, other: LabHost): Promise<void> {
  await acceptFrom(one, other);
  await acceptFrom(other, one);
}

/** Cuts a host from everybody. */
export async function cutHost(host: LabHost): Promise<void> {
  const rules = ['input', 'output'].map((hook) =>
    chain(hook, `meta ${hook === 'input' ? 'iifname' : 'oifname'} "eth0" drop`),
  );
  await host.inNetwork(['nft', '-f', '-'], table('cut_all', rules));
}

export async function healHost(host: LabHost): Promise<void> {
  await host.inNetwork(['nft', '-f', '-'], gone('cut_all'));
}

/** Limits what the host sends, in kilobytes per second; undefined takes the limit away. */
export async function limitRate(host: LabHost, kilobytesPerSecond: number | undefined): Promise<void> {
  const change =
    kilobytesPerSecond === undefined
      ? ['del', 'dev', 'eth0', 'root']
      : [
          'replace',
          'dev',
          'eth0',
          'root',
          'tbf',
          'rate',
          `${String(kilobytesPerSecond)}kbps`,
          'burst',
          '64kb',
          'latency',
          '400ms',
        ];
  await host.inNetwork(['tc', 'qdisc', ...change]);
}

async function dropFrom(sender: LabHost, receiver: LabHost): Promise<void> {
  const rule = chain('input', `ip saddr ${sender.address} drop`);
  await receiver.inNetwork(['nft', '-f', '-'], table(tableName(sender), [rule]));
}

async function acceptFrom(sender: LabHost, receiver: LabHost): Promise<void> {
  await receiver.inNetwork(['nft', '-f', '-'], gone(tableName(sender)));
}

function tableName(sender: LabHost): string {
  if (!/^[a-z][a-z0-9]*$/.test(sender.name)) {
    throw new Fault('SANDBOX_FAILED', { what: 'cut a link', message: `unfit host name ${sender.name}` });
  }
  return `cut_${sender.name}`;
}

function chain(hook: string, rule: string): string {
  return `  chain ${hook} {\n    type filter hook ${hook} priority 0;\n    ${rule}\n  }`;
}

/** nft(8): `add` before `delete` makes both work whether the table is there or not. */
function gone(name: string): string {
  return `add table inet ${name}\ndelete table inet ${name}\n`;
}

function table(name: string, chains: readonly string[]): string {
  return `${gone(name)}table inet ${name} {\n${chains.join('\n')}\n}\n`;
}
