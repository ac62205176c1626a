import { chmod, chown, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blockNameOf, withBlock, withoutBlock } from '../../src/config/edit-conf.js';
import { parseConf } from '../../src/config/parse-conf.js';
import { readText } from '../../src/config/read-text.js';
import { saveConf } from '../../src/config/save-conf.js';

const file = `# the shop's cluster
[server default]
user=mha   ; not root
password="a#b"

# rack 3
[server2]
hostname=db2
# candidate_master=1
no_master=1

; rack 1
[server1]
hostname=db1
`;

describe('a block', () => {
  it('is added at the end, and everything else stays', () => {
    const params = 'candidate_master=1; port = 3307';
    const changed = withBlock('f', file, { name: 'server_db5', hostname: 'db5', params });
    expect(changed).toBe(`${file}\n[server_db5]\nhostname=db5\ncandidate_master=1\nport=3307\n`);
  });

  it('is added with the file’s own line ends, also behind a line without one', () => {
    const changed = withBlock('f', '[server1]\r\nhostname=db1', { name: 'server2', hostname: 'db2' });
    expect(changed).toBe('[server1]\r\nhostname=db1\r\n\r\n[server2]\r\nhostname=db2\r\n');
  });

  it.each([
    ['a block that is there', { name: 'server1', hostname: 'x' }, 'BLOCK_EXISTS'],
    ['an unknown key', { name: 'server3', hostname: 'x', params: 'candidate_mastr=1' }, 'CONF_INVALID'],
    ['a pair that is none', { name: 'server3', hostname: 'x', params: 'port' }, 'CONF_INVALID'],
    ['a key twice', { name: 'server3', hostname: 'x', params: 'port=1;port=2' }, 'CONF_INVALID'],
    ['a host that would be two lines', { name: 'server3', hostname: 'x\nuser=root' }, 'CONF_INVALID'],
    ['a host without a name', { name: 'server3', hostname: '' }, 'CONF_INVALID'],
    ['a server that is there', { name: 'server3', hostname: 'db1' }, 'CONF_INVALID'],
    ['a name that is no block', { name: 'server\\5', hostname: 'x' }, 'CONF_INVALID'],
  ])('%s is refused', (_what, block, code) => {
    expect(() => withBlock('f', file, block)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('may be on a host that has another server already', () => {
    const changed = withBlock('f', file, { name: 'server3', hostname: 'db1', params: 'port=3307' });
    expect(changed).toContain('[server3]\nhostname=db1\nport=3307\n');
    const again = withBlock('f', changed.replace('user=mha', 'port=3307'), { name: 'server4', hostname: 'db3' });
    expect(again).toContain('[server4]\nhostname=db3\n');
  });

  it('is taken out with its lines; comments of others stay', () => {
    expect(withoutBlock(file, 'server2')).toBe(
      file.replace('[server2]\nhostname=db2\n# candidate_master=1\nno_master=1\n\n', ''),
    );
    expect(withoutBlock(file, 'server1')).toBe(file.replace('[server1]\nhostname=db1\n', ''));
    expect(withoutBlock(file, 'server9')).toBeUndefined();
  });

  it.each([
    ['at the end of the file', '[server1]\na=1\n', '[server2]\nb=1\n# its own\n\n', '# [server3]\n#hostname=db3\n'],
    ['above a blank line', '', '[server1]\na=1\n\n', '# [server9]\n#hostname=db9\n\n[server2]\nb=1\n'],
    ['with line ends of its own', '', '[server1]\r\na=1\r\n \r\n', '; off\r\n;[server9]\r\n'],
  ])('is taken out without what stands apart behind it: %s', (_where, before, block, apart) => {
    expect(withoutBlock(before + block + apart, /\[(.*)\]/.exec(block)?.[1] ?? '')).toBe(before + apart);
  });

  it('is taken out wherever it goes on', () => {
    expect(withoutBlock('[server1]\na=1\n[server2]\n[server1]\nb=1\n', 'server1')).toBe('[server2]\n');
  });

  it('that is added and taken out again leaves the same blocks', () => {
    const line = fc.constantFrom('', '# text', '; text', '[server1]', '[server7]', 'port=1', 'hostname = x ; y', '  ');
    const end = fc.constantFrom('\n', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end), { maxLength: 12 }), (lines) => {
        const text = `[server default]\n${lines.flat().join('')}`;
        const added = withBlock('f', text, { name: 'server_new', hostname: 'new' });
        expect(parseConf('f', withoutBlock(added, 'server_new') ?? '').blocks).toEqual(parseConf('f', text).blocks);
      }),
    );
  });

  it.each([
    ['a name that is none', 'a b', undefined, /hostname = "a b" is not a host name/],
    ['a port out of range', 'db5', 'port=99999', /port = "99999" is not a whole number from 1 to 65535/],
    ['a word for a number', 'db5', 'no_master=1;ssh_port=x', /ssh_port = "x" is not/],
  ])(
    '%s is not written: the manager would refuse the file when it reads it again',
    (_what, hostname, params, words) => {
      const added = { name: 'server5', hostname, ...(params === undefined ? {} : { params }) };
      expect(() => withBlock('f', '[server1]\nhostname=a\n', added)).toThrow(words);
    },
  );

  it.each([
    ['100', undefined, 'server100'],
    ['server5', 'db1', 'server5'],
    [undefined, 'db5', 'server_db5'],
    [undefined, undefined, undefined],
  ])('%s, %s: named as MHA does', (block, hostname, name) => {
    expect(blockNameOf(block, hostname)).toBe(name);
  });
});

describe('saving', () => {
  async function place(text: string | Buffer): Promise<{ folder: string; path: string }> {
    const folder = await mkdtemp(join(tmpdir(), 'mha-ts-conf-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'app1.cnf');
    await writeFile(path, text);
    return { folder, path };
  }

  it('keeps mode, owner and a link, and leaves nothing beside the file', async () => {
    const { folder, path } = await place('old\n');
    await chmod(path, 0o640);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) await chown(path, 4711, 4712);
    const link = join(folder, 'link.cnf');
    await symlink('app1.cnf', link);
    await saveConf({ file: link, isUtf8: true }, 'new\n');
    expect(await readFile(path, 'utf8')).toBe('new\n');
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    const { mode, uid, gid } = await stat(path);
    expect(mode & 0o7777).toBe(0o640);
    if (isRoot) expect([uid, gid]).toEqual([4711, 4712]);
    expect((await readdir(folder)).sort()).toEqual(['app1.cnf', 'link.cnf']);
  });

  it('keeps bytes that are no UTF-8', async () => {
    const { path } = await place(Buffer.from('# M\xfcller\n[server1]\nhostname=x\n', 'latin1'));
    const read = await readText(path);
    if (read === undefined) throw new Error('no file');
    await saveConf(read, withoutBlock(read.text, 'server1') ?? '');
    expect(await readFile(path)).toEqual(Buffer.from('# M\xfcller\n', 'latin1'));
  });

  it('says why it could not be done', async () => {
    const file = '/nonexistent/app1.cnf';
    await expect(saveConf({ file, isUtf8: true }, '')).rejects.toMatchObject({ code: 'CONF_UNWRITABLE' });
  });
});
