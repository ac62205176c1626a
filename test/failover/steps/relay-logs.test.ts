import { expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { setAsideRelay } from '../../../src/failover/steps/relay-logs.js';
import { serverId } from '../../../src/model/settings.js';
import { guardFiles } from '../../../src/monitor/guard-script.js';
import { clusterSettings, serverSettings } from '../../support/picture.js';
import { contender } from '../build.js';

it('what a host keeps for a while is in its remote_workdir: links to relay logs, and the files of the guard', async () => {
  const b = serverId('b', 3306);
  const commands: string[] = [];
  const run = (command: string): Promise<object> => {
    commands.push(command);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  };
  const world = {
    settings: clusterSettings([serverSettings('b', { remoteWorkdir: '/srv/mha' })]),
    facts: { ...noFacts(), former: new Map([[b, contender('b')]]) },
    folder: { id: 'run7' },
    shells: { door: () => ({ run }) },
    signal: new AbortController().signal,
  } as unknown as World;
  const aside = step({ do: 'set-aside-relay', channel: '' }, { phase: 'freeze', server: b, onFailure: 'note' });
  await setAsideRelay.perform(aside as never, world);
  expect(commands.join('\n')).toContain('/srv/mha/mha-ts-relay-run7');
  expect(world.facts.aside?.directory).toBe('/srv/mha/mha-ts-relay-run7');
  expect(world.facts.asideOn.get(b)).toBe('/srv/mha/mha-ts-relay-run7');
  expect(guardFiles('/srv/mha/', 3306).log).toMatch(/^\/srv\/mha\/mha-ts-guard-3306/);
});
