import { describe, expect, it } from 'vitest';
import { areCopiesOnly, type DeadLog, deadLog, inOrderOfUse, reachOf } from '../../src/failover/source-logs.js';
import { serverId } from '../../src/model/settings.js';
import type { SourceLog } from '../../src/ports/recovery.js';
import { at } from './build.js';

const disk = (end: string): SourceLog => ({
  host: serverId('a', 3306),
  binlogBase: '/var/lib/mysql/bin',
  end: at(end),
});
const copy = (name: string, end: string): SourceLog => ({
  host: serverId(name, 3306),
  binlogBase: '/copies/bin',
  end: at(end),
  copy: `block ${name}`,
});

const hosts = (logs: readonly SourceLog[]): string => logs.map(({ host }) => host.split(':')[0]).join(' ');

describe('the logs of a dead source', () => {
  it.each([
    ['the disk before a copy that has as much', disk('3:500'), [copy('x', '3:500')], 'a x'],
    ['the disk before a copy that has more: that is fetched behind it', disk('3:500'), [copy('x', '4:10')], 'a x'],
    ['the disk alone', disk('3:500'), [], 'a'],
    ['the furthest copy', undefined, [copy('x', '3:500'), copy('y', '3:501')], 'y x'],
    ['the newest file before the largest one', undefined, [copy('x', '9:90000'), copy('y', '10:4')], 'y x'],
    ['numbers, not texts', undefined, [copy('x', '999999:900'), copy('y', '1000000:4')], 'y x'],
    ['equal ones as they are configured', undefined, [copy('y', '3:500'), copy('x', '3:500')], 'y x'],
    ['none', undefined, [], ''],
  ])('are used in this order: %s', (_, own, copies, order) => {
    expect(hosts(inOrderOfUse(own, copies))).toBe(order);
  });

  it('reach as far as the furthest of them says, until a fetch has found otherwise', () => {
    const log = deadLog([disk('3:500'), copy('x', '4:10')], '');
    expect(reachOf(log)).toEqual(at('4:10'));
    const known: DeadLog = { readable: true, logs: [], end: at('4:10'), trustedUpTo: at('3:200') };
    expect(reachOf(known)).toEqual(at('3:200'));
    expect(reachOf(deadLog([], 'no SSH'))).toBeUndefined();
    expect(deadLog([], 'no SSH')).toEqual({ readable: false, why: 'no SSH' });
  });

  it('count what was fetched before the power was cut', () => {
    expect(deadLog([], '', at('3:700'))).toEqual({ readable: true, logs: [], end: at('3:700') });
    expect(reachOf(deadLog([copy('x', '3:500')], '', at('3:700')))).toEqual(at('3:700'));
  });

  it('are copies only where nobody can look at the disk', () => {
    expect(areCopiesOnly(deadLog([copy('x', '3:500')], ''))).toBe(true);
    expect(areCopiesOnly(deadLog([disk('3:500'), copy('x', '3:500')], ''))).toBe(false);
    expect(areCopiesOnly(deadLog([], 'no SSH'))).toBe(false);
  });
});
