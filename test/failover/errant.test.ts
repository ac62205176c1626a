import { describe, expect, it } from 'vitest';
import { errantOn, type SourcePast, type Suspect, errantWords } from '../../src/failover/errant.js';
import type { ServerState } from '../../src/model/picture.js';
import { channelFrom, mysql97, serverState } from '../support/picture.js';

const [a, b, c] = ['a', 'b', 'c'].map((letter) => `${letter.repeat(8)}-0000-0000-0000-000000000000`) as [
  string,
  string,
  string,
];

function mysql(name: string, executed: string, purged = ''): ServerState {
  const { gtid } = serverState(name);
  return serverState(name, { version: mysql97, serverUuid: name === 'b' ? b : c, gtid: { ...gtid, executed, purged } });
}

function onMysql(executed: string, received: string, purged = ''): Suspect {
  return { state: mysql('b', executed, purged), channel: channelFrom('a', { sourceUuid: a, receivedGtid: received }) };
}

function mariadb(name: string, binlogState: string, slavePos = '', logReplicaUpdates = true): ServerState {
  const { gtid } = serverState(name);
  return serverState(name, { logReplicaUpdates, gtid: { ...gtid, binlogState, slavePos, currentPos: slavePos } });
}

const suspect = (state: ServerState): Suspect => ({ state, channel: channelFrom('a') });
const past = (executed: string): SourcePast => mysql('a', executed);

describe('errant transactions on MySQL', () => {
  it.each([
    ['what the source never had', onMysql(`${a}:1-9,${b}:1-2`, ''), past(`${a}:1-9`), `${b}:1-2`],
    [
      'not the source’s own, which went on after it was last seen',
      onMysql(`${a}:1-20`, ''),
      past(`${a}:1-9`),
      undefined,
    ],
    ['not what came from it', onMysql(`${a}:1-9,${c}:1-2`, `${c}:1-2`), past(`${a}:1-9`), undefined],
    ['not what it had from its own time as the source', onMysql(`${a}:1-9,${b}:1-5`, ''), past(`${b}:1-5`), undefined],
    ['with their tags', onMysql(`${a}:1-9,${b}:x:1`, ''), past(`${a}:1-9`), `${b}:x:1`],
  ])('are %s', (_, replica, source, gtids) => {
    expect(errantOn(replica, source, [])?.gtids).toBe(gtids);
  });

  it('are named by what the other replicas have, when nobody has seen the source', () => {
    const replica = onMysql(`${a}:1-9,${b}:1-3`, '');
    expect(errantOn(replica, undefined, [mysql('c', `${a}:1-12,${b}:1-2`)])?.gtids).toBe(`${b}:3`);
    expect(errantOn(replica, undefined, [])).toBeUndefined();
  });

  it('are not what one has received more of than the others, when its channel does not know the source any more', () => {
    const forgetful = channelFrom('a');
    const state = mysql('b', `${a}:1-20,${b}:1-3`);
    const others = [mysql('c', `${a}:1-12`), mysql('d', `${a}:1-9,${b}:1`)];
    expect(forgetful.sourceUuid).toBeUndefined();
    expect(errantOn({ state, channel: forgetful }, undefined, others)?.gtids).toBe(`${b}:2-3`);
    expect(errantOn({ state: mysql('b', `${a}:1-20`), channel: forgetful }, undefined, others)).toBeUndefined();
  });

  it('are told apart by whether their events can still be fetched', () => {
    const found = errantOn(onMysql(`${a}:1-9,${b}:1-5`, '', `${a}:1-4,${b}:1-2`), past(`${a}:1-9`), []);
    expect(found).toEqual({ gtids: `${b}:1-5`, purged: `${b}:1-2` });
    expect(found && errantWords(found)).toBe(`${b}:1-5 (purged from its binary log: ${b}:1-2)`);
  });
});

describe('errant transactions on MariaDB', () => {
  it.each([
    ['numbers beyond the source’s', mariadb('b', '0-1-9,0-2-12'), mariadb('a', '0-1-10'), '0-2-12'],
    [
      'numbers below them, of which the source knows nothing',
      mariadb('b', '0-2-8,0-1-9'),
      mariadb('a', '0-1-10'),
      '0-2-8',
    ],
    [
      'not those where the source does not write down what it replicates',
      mariadb('b', '0-2-8,0-1-9'),
      mariadb('a', '0-1-10', '', false),
      undefined,
    ],
    ['not those from its time as the source', mariadb('b', '0-2-8,0-1-9'), mariadb('a', '0-2-8,0-1-10'), undefined],
    ['in any domain', mariadb('b', '0-1-9,5-2-1'), mariadb('a', '0-1-10,1-1-4'), '5-2-1'],
    ['not other servers’', mariadb('b', '0-3-9'), mariadb('a', '0-1-10'), undefined],
  ])('are %s', (_, replica, source, gtids) => {
    expect(errantOn(suspect(replica), source, [])?.gtids).toBe(gtids);
  });

  it.each([
    ['of that server_id', '0-2-8,0-1-10', true, ', and all that server_id 2 wrote in domain 0 before it after 0-2-8'],
    ['of none', '5-2-30,0-1-10', true, ', and all that server_id 2 wrote in domain 0 before it'],
    ['of which cannot be told', '0-1-10', false, ''],
  ])('are named down to the last one that the source has %s', (_, ofSource, writesAll, earlier) => {
    const found = errantOn(suspect(mariadb('b', '0-1-9,0-2-12')), mariadb('a', ofSource, '', writesAll), []);
    expect(found && errantWords(found)).toBe(`0-2-12 (still in its binary log)${earlier}`);
  });

  it('are purged where the oldest file begins behind them', () => {
    const replica = suspect(mariadb('b', '0-1-9,0-2-12'));
    expect(errantOn(replica, mariadb('a', '0-1-10'), [], '0-1-5,0-2-12')?.purged).toBe('0-2-12');
    expect(errantOn(replica, mariadb('a', '0-1-10'), [], '0-1-5,0-2-11')?.purged).toBe('');
  });
});
