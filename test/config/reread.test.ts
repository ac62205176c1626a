import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/config/load-configuration.js';
import { reread } from '../../src/config/reread.js';
import { folder, load, lookup, put } from './support.js';

const text = '[server1]\nhostname=a\npassword=first\n';
const deadlineMs = 5_000;

async function rewritten(before: Configuration, now: string): Promise<Configuration> {
  await writeFile(before.chosen.file, now);
  return before;
}

describe('files that are read again', () => {
  it('say the same: no name is asked for a second time', async () => {
    const asked: string[] = [];
    const before = await load(text, {
      lookup: (name) => {
        asked.push(name);
        return lookup(name);
      },
    });
    expect(await reread(before, deadlineMs)).toEqual({ kind: 'same' });
    expect(asked).toEqual(['a']);
  });

  it('have changed: what they say now comes back whole', async () => {
    const before = await rewritten(await load(text), `${text}[server2]\nhostname=b\n`);
    expect(await reread(before, deadlineMs)).toMatchObject({
      kind: 'changed',
      configuration: { settings: { servers: [{ id: 'a:3306' }, { id: 'b:3306' }] } },
    });
  });

  it('have changed where defaults for all clusters are kept', async () => {
    const globalConf = await put(await folder(), 'global.cnf', '[server default]\nping_interval=1\n');
    const before = await load(text, { globalConf });
    await writeFile(globalConf, '[server default]\nping_interval=2\n');
    expect(await reread(before, deadlineMs)).toMatchObject({
      configuration: { settings: { servers: [{ pingIntervalMs: 2000 }] } },
    });
  });

  it.each([
    ['make no sense', '[server1]\nhostname=a\nport=many\n', /CONF_INVALID|port/],
    ['name a host that nobody knows', '[server1]\nhostname=nowhere\n', /nowhere/],
  ])('are broken when they %s', async (_what, now, why) => {
    const before = await rewritten(await load(text), now);
    const again = await reread(before, deadlineMs);
    expect(again.kind === 'broken' ? again.why : again.kind).toMatch(why);
  });

  it('are broken when they are gone', async () => {
    const before = await load(text);
    await rm(before.chosen.file);
    expect(await reread(before, deadlineMs)).toMatchObject({ kind: 'broken' });
  });

  it('are broken when names are not answered in time', async () => {
    let isDead = false;
    const before = await load(text, {
      lookup: (name) => (isDead ? new Promise<string>(() => undefined) : lookup(name)),
    });
    isDead = true;
    await rewritten(before, `${text}ping_interval=1\n`);
    expect(await reread(before, 50)).toMatchObject({ kind: 'broken' });
  });

  it('are the same, and the password that a script prints is another one', async () => {
    const place = await folder();
    const words = await put(place, 'password', 'password=one\n');
    const before = await load(`[server default]\ninit_conf_load_script=cat ${words}\n[server1]\nhostname=a\n`);
    expect(await reread(before, deadlineMs)).toEqual({ kind: 'same' });
    await writeFile(words, 'password=two\n');
    const again = await reread(before, deadlineMs);
    expect(again.kind).toBe('changed');
    if (again.kind === 'changed')
      expect(again.configuration.settings.servers[0]?.account.password.reveal()).toBe('two');
  });
});
