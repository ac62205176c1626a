import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyPlace } from '../../src/cli/manager-place.js';
import { place } from './support/program.js';

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
