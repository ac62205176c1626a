import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import * as commands from '../../src/hooks/address-commands.js';
import { announcers } from '../../src/hooks/announcers.js';
import { writerAddress } from '../../src/hooks/writer-address.js';
import type { CommandResult } from '../../src/ports/shell.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

const place = { vip: { address: '10.0.0.100', prefix: 24 }, interface: 'eth0', user: 'root' };
const settings = clusterSettings([serverSettings('a', { writerVipInterface: 'eth0' })], { writerVip: place.vip });
const signal = new AbortController().signal;

function answering(result: Partial<CommandResult>) {
  const asked: string[] = [];
  const door = {
    host: 'a',
    run: (command: string) => {
      asked.push(command);
      return Promise.resolve({ code: 0, stdout: '', stderr: '', ...result });
    },
  };
  const ports = { shells: { door: () => door }, knock: () => Promise.resolve('no-answer'), askAt: () => undefined };
  return { addresses: writerAddress(settings, ports as unknown as Parameters<typeof writerAddress>[1]), asked };
}

describe('the commands for the writer’s address', () => {
  it('are those of ip, with sudo for whoever is not root', () => {
    expect(commands.addCommand(place)).toBe('PATH=$PATH:/usr/sbin:/sbin; ip -4 addr add 10.0.0.100/24 dev eth0');
    const user = { ...place, user: 'mha' };
    expect(commands.removeCommand(user, { interface: 'bond0.7', prefix: 32 })).toBe(
      'PATH=$PATH:/usr/sbin:/sbin; sudo -n ip -4 addr del 10.0.0.100/32 dev bond0.7',
    );
    expect(commands.readyCommand(user)).toContain('sudo -n -l ip -4 addr add 10.0.0.100/24 dev eth0');
    expect(commands.readyCommand(place)).not.toContain('sudo');
  });

  it.each([
    [
      '2: eth0    inet 10.0.0.100/24 scope global secondary eth0\\       valid_lft forever',
      { interface: 'eth0', prefix: 24 },
    ],
    ['7: bond0.7    inet 10.0.0.100/32 scope global bond0.7\\ x', { interface: 'bond0.7', prefix: 32 }],
    ['', undefined],
  ])('read who has it: %s', (output, held) => {
    expect(commands.readHeld(output)).toEqual(held);
  });

  it('are texts that a POSIX shell and both interpreters understand', () => {
    for (const user of ['root', 'mha']) {
      for (const text of [commands.announceCommand({ ...place, user }), commands.readyCommand({ ...place, user })])
        expect(spawnSync('sh', ['-n'], { input: text }).stderr.toString()).toBe('');
    }
    const perl = announcers.find(({ program }) => program === 'perl')?.argv('eth0', '10.0.0.100') ?? [];
    const checked = spawnSync('perl', ['-c', '-e', perl[2] ?? ''], { encoding: 'utf8' });
    if (checked.error === undefined) expect(checked.stderr).toContain('syntax OK');
  });

  it('show exactly what they run', async () => {
    const { addresses, asked } = answering({ stdout: 'perl\n' });
    await addresses.add(id('a'), signal);
    await addresses.remove(id('a'), { interface: 'eth0', prefix: 24 }, signal);
    expect(asked).toEqual([...addresses.shown('add', id('a')), ...addresses.shown('remove', id('a'))]);
    expect(await addresses.announce(id('a'), signal)).toBe('perl');
    expect(asked.at(-1)?.split('\n')).toEqual(addresses.shown('announce', id('a')));
  });
});

describe('what a host answers', () => {
  it('is a failure when it is not 0', async () => {
    const { addresses } = answering({ code: 2, stderr: 'RTNETLINK answers: Operation not permitted\n' });
    await expect(addresses.add(id('a'), signal)).rejects.toMatchObject({
      code: 'SSH_COMMAND_FAILED',
      facts: { message: 'RTNETLINK answers: Operation not permitted' },
    });
    await expect(addresses.announce(id('a'), signal)).rejects.toMatchObject({ code: 'WRITER_ADDRESS_NOT_ANNOUNCED' });
  });

  it('to a check is never thrown', async () => {
    const broken = { door: () => ({ host: 'a', run: () => Promise.reject(new Error('gone')) }) };
    const ports = { shells: broken } as unknown as Parameters<typeof writerAddress>[1];
    const ready = await writerAddress(settings, ports).ready(id('a'), signal);
    expect(ready).toEqual({ kind: 'cannot-tell', why: 'gone' });
  });

  it('to a check is read word by word', async () => {
    const stdout = `interface
held 2: eth0    inet 10.0.0.100/24 scope global secondary eth0\\ valid_lft forever
forbidden sudo: a password is required
announcer perl
`;
    expect(await answering({ stdout }).addresses.ready(id('a'), signal)).toEqual({
      kind: 'asked',
      hasInterface: true,
      held: { interface: 'eth0', prefix: 24 },
      forbidden: 'sudo: a password is required',
      announcers: ['perl'],
    });
    expect(await answering({ stdout: '' }).addresses.ready(id('a'), signal)).toEqual({
      kind: 'asked',
      hasInterface: false,
      announcers: [],
    });
    expect(await answering({ code: 1, stderr: 'ip: not found' }).addresses.ready(id('a'), signal)).toMatchObject({
      kind: 'cannot-tell',
      why: 'ip: not found',
    });
  });
});
