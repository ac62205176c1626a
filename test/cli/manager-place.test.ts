import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyPlace, managerPlace } from '../../src/cli/manager-place.js';
import type { Configuration } from '../../src/config/load-configuration.js';
import { place } from './support/program.js';

describe('where a manager is looked for', () => {
  const none = (): Promise<never> => Promise.reject(new Error('the configuration was read'));

  it('is where name and directory say, with the log that is named beside', async () => {
    const flags = { all: false, app: 'a', workdir: '/w', 'log-output': '/l' };
    expect(await managerPlace(flags, none)).toEqual({ app: 'a', workdir: '/w', log: '/l' });
  });

  it('is where MHA’s folder of configurations says, for a name alone', async () => {
    const asked: unknown[] = [];
    const read = (flags: object): Promise<Configuration> => {
      asked.push(flags);
      return Promise.resolve({ settings: { app: 'a', workdir: '/w' } } as Configuration);
    };
    expect(await managerPlace({ all: false, app: 'a' }, read)).toEqual({ app: 'a', workdir: '/w' });
    expect(asked).toMatchObject([{ conf: '/usr/local/masterha/conf/a.cnf' }]);
  });
});

function services(): string {
  const { folder } = place();
  for (const name of ['masterha_b', 'masterha_a', 'other', 'masterha_']) mkdirSync(join(folder, name));
  return folder;
}

describe('every cluster of daemontools', () => {
  it('is known by its name, by its file', async () => {
    expect(await everyPlace({ all: true }, services())).toEqual([
      { all: true, conf: '/usr/local/masterha/conf/a.cnf', app: undefined },
      { all: true, conf: '/usr/local/masterha/conf/b.cnf', app: undefined },
    ]);
  });

  it('is known by its name, by a folder for all', async () => {
    const [first] = await everyPlace({ all: true, basedir: '/var/mha', baselog: '/log' }, services());
    expect(first).toMatchObject({ app: 'a', workdir: '/var/mha/a', 'log-output': '/log/a/a.log' });
  });

  it('is none where there are no services', async () => {
    expect(await everyPlace({ all: true }, '/nonexistent')).toEqual([]);
  });
});
