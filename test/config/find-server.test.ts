import { describe, expect, it } from 'vitest';
import { findServer } from '../../src/config/find-server.js';
import { faultOf, load, lookup } from './support.js';

const text = `
[server1]
hostname=a
[server2]
hostname=b
node_label=Reports
[server3]
hostname=c
[server4]
hostname=c
port=3307
[server5]
hostname=six
ip=fd00::6
`;

describe('the server that a person names', () => {
  const find = async (name: string) => findServer((await load(text)).settings, name, lookup);

  it.each([
    ['its hostname', 'a', 'a:3306'],
    ['its hostname in capitals', 'A', 'a:3306'],
    ['its address', '10.0.0.2', 'b:3306'],
    ['its label', 'Reports', 'b:3306'],
    ['HOST:PORT', 'c:3307', 'c:3307'],
    ['ADDRESS:PORT', '10.0.0.3:3306', 'c:3306'],
    ['a name that resolves to its address', 'writer.example', 'a:3306'],
    ['such a name with a port', 'writer.example:3306', 'a:3306'],
    ['an IPv6 address', 'fd00::6', 'six:3306'],
    ['an IPv6 address with a port', '[fd00::6]:3306', 'six:3306'],
  ])('is found by %s', async (_, name, id) => {
    expect((await find(name)).id).toBe(id);
  });

  it('is refused when several are meant, with their HOST:PORT', async () => {
    const fault = await faultOf(find('c'));
    expect(fault.code).toBe('SERVER_AMBIGUOUS');
    expect(fault.facts['matching']).toEqual(['c:3306', 'c:3307']);
  });

  it.each(['nobody', 'a:3307', 'writer.example:1', ''])('is refused when "%s" is none of them', async (name) => {
    const fault = await faultOf(find(name));
    expect(fault.code).toBe('SERVER_UNKNOWN');
    expect(fault.next).toContain('c:3307');
  });
});
