import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownHostsName, lookUp, parseKnownHosts } from '../../src/ssh/known-hosts.js';

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIBpy3dEgQpWcPq1v7Y0x2u3m4n5o6p7q8r9s0t1u2v3w';
const entry = (hosts: string): string => `${hosts} ssh-ed25519 ${key} comment here`;
const knows = (text: string, host: string, port = 22): boolean =>
  lookUp(parseKnownHosts(text, 'f'), [knownHostsName(host, port)]).trusted.length > 0;

describe('known hosts', () => {
  it('finds plain names in a list, whatever their case', () => {
    expect(knows(entry('db1,10.0.0.1'), 'DB1')).toBe(true);
    expect(knows(entry('Db1,10.0.0.1'), '10.0.0.1')).toBe(true);
    expect(knows(entry('db1'), 'db10')).toBe(false);
  });

  it('keeps ports apart', () => {
    expect(knows(entry('[db1]:2222'), 'db1', 2222)).toBe(true);
    expect(knows(entry('[db1]:2222'), 'db1', 2223)).toBe(false);
    expect(knows(entry('[db1]:2222'), 'db1')).toBe(false);
    expect(knows(entry('[10.0.0.*]:2222'), '10.0.0.7', 2222)).toBe(true);
  });

  it('reads wildcards, and a negation excludes wherever it stands', () => {
    expect(knows(entry('*.example.org'), 'db1.example.org')).toBe(true);
    expect(knows(entry('db?'), 'db1')).toBe(true);
    expect(knows(entry('db?'), 'db10')).toBe(false);
    expect(knows(entry('!db2,db*'), 'db2')).toBe(false);
    expect(knows(entry('db*,!db2'), 'db2')).toBe(false);
    expect(knows(entry('db.1'), 'dbx1')).toBe(false);
  });

  it('sorts marked lines out of the trusted ones', () => {
    const text = [entry('@revoked db1'), entry('@cert-authority *'), entry('@later db1')].join('\n');
    const found = lookUp(parseKnownHosts(text, 'f'), ['db1']);
    expect([found.trusted.length, found.revoked.length, found.authorities.length]).toEqual([0, 1, 1]);
    expect(found.revoked[0]).toMatchObject({ file: 'f', line: 1 });
  });

  it('skips comments, blanks, wrong base64 and keys that are not what their type says', () => {
    const text = ['# c', '', 'db1 ssh-ed25519', 'db1 ssh-ed25519 !!!!', `db1 ssh-rsa ${key}`, '|1|x db1'].join('\r\n');
    expect(parseKnownHosts(text, 'f')).toEqual([]);
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (noise, host) => {
        const text = `${noise}\n${entry(noise)}\n|1|${noise}|${noise} ssh-ed25519 ${key}`;
        expect(Array.isArray(lookUp(parseKnownHosts(text, 'f'), [host.toLowerCase()]).trusted)).toBe(true);
      }),
    );
  });
});

describe('hashed by ssh-keygen', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('finds names that only their hash stands for', () => {
    const file = join(dir, 'known_hosts');
    writeFileSync(file, `${entry('db1')}\n${entry('[db2]:2222')}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('db1');
    expect(knows(text, 'db1')).toBe(true);
    expect(knows(text, 'db2', 2222)).toBe(true);
    expect(knows(text, 'db2')).toBe(false);
    expect(knows(text, 'db3')).toBe(false);
  });
});
