import { writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openParts } from '../../src/cli/parts.js';
import { rereadParts } from '../../src/cli/reread-parts.js';
import { serverId } from '../../src/model/settings.js';
import { load } from '../config/support.js';

const text = '[server1]\nhostname=127.0.0.1\nport=1\n[server2]\nhostname=127.0.0.1\nport=2\n';
const source = serverId('127.0.0.1', 1);

/** What a manager that has watched since `text` works with after the file has become `now`. */
async function after(now: string): Promise<{ same: boolean; ports: readonly number[]; workdir: string; said: string }> {
  const configuration = await load(text);
  const said: string[] = [];
  const settings = { ...configuration.settings, workdir: '/where/this/manager/is' };
  const before = openParts(settings, (line) => said.push(line));
  onTestFinished(() => before.close());
  await writeFile(configuration.chosen.file, now);
  const parts = await rereadParts(before, configuration, source);
  if (parts !== before) onTestFinished(() => parts.close());
  const { servers, workdir } = parts.settings;
  return { same: parts === before, ports: servers.map(({ port }) => port), workdir, said: said.join('\n') };
}

describe('the configuration, read again before a manager acts', () => {
  it('counts as it is now, and the place of the status file stays', async () => {
    const now = await after(`${text}[server3]\nhostname=127.0.0.1\nport=3\nmanager_workdir=/elsewhere\n`);
    expect(now).toMatchObject({ same: false, ports: [1, 2, 3], workdir: '/where/this/manager/is' });
    expect(now.said).toMatch(/app\.cnf was read again: it has changed, and counts as it is now/);
  });

  it('is not opened a second time when nothing has changed', async () => {
    expect(await after(text)).toMatchObject({ same: true, said: '' });
  });

  it('counts as it was when it is broken now, and that is said', async () => {
    const now = await after('[server1]\nport=many\n');
    expect(now).toMatchObject({ same: true, ports: [1, 2] });
    expect(now.said).toMatch(/cannot be used: .*what was read at the start counts/s);
  });

  it('counts as it was when it does not name the dead source any more', async () => {
    const now = await after('[server2]\nhostname=127.0.0.1\nport=2\n');
    expect(now).toMatchObject({ same: true, ports: [1, 2] });
    expect(now.said).toMatch(/does not name 127\.0\.0\.1:1 any more/);
  });
});
