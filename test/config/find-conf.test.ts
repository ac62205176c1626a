import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findConf } from '../../src/config/find-conf.js';
import { faultOf, folder, put } from './support.js';

describe('the search for the configuration file', () => {
  it('prefers --conf, then MHA_CONF, then the near places', async () => {
    const cwd = await folder();
    const siteDirectory = path.join(cwd, 'site');
    await put(cwd, 'site/only.cnf', '');
    const env = { MHA_CONF: 'named.cnf' };
    expect(await findConf({ conf: 'x.cnf', env, cwd, siteDirectory })).toEqual({
      file: path.join(cwd, 'x.cnf'),
      because: '--conf',
    });
    expect(await findConf({ env, cwd, siteDirectory })).toMatchObject({ because: 'MHA_CONF' });
    expect((await findConf({ env: {}, cwd, siteDirectory })).file).toBe(path.join(siteDirectory, 'only.cnf'));
    await put(cwd, 'conf/app1.cnf', '');
    expect((await findConf({ env: {}, cwd, siteDirectory })).because).toBe('found ./conf/app1.cnf');
    await put(cwd, 'app1.cnf', '');
    expect((await findConf({ env: { MHA_CONF: '' }, cwd, siteDirectory })).because).toBe('found ./app1.cnf');
  });

  it('refuses to choose between several', async () => {
    const cwd = await folder();
    await put(cwd, 'one.cnf', '');
    await put(cwd, 'two.cnf', '');
    await put(cwd, 'three.txt', '');
    const fault = await faultOf(findConf({ env: {}, cwd, siteDirectory: cwd }));
    expect(fault.code).toBe('CONF_AMBIGUOUS');
    expect(fault.facts['files']).toEqual(['one.cnf', 'two.cnf']);
  });

  it('names every place when there is none', async () => {
    const cwd = await folder();
    const fault = await faultOf(findConf({ env: {}, cwd, siteDirectory: path.join(cwd, 'none') }));
    expect(fault.code).toBe('CONF_NOT_FOUND');
    expect(fault.message).toContain(path.join(cwd, 'conf/app1.cnf'));
    expect(fault.message).toContain(path.join(cwd, 'none/*.cnf'));
  });
});
