import { describe, expect, it } from 'vitest';
import { writerAddress } from '../../../src/failover/preflight/checks/writer-address.js';
import type { AddressEvidence, Evidence } from '../../../src/failover/preflight/evidence.js';
import type { AddressReadiness } from '../../../src/ports/addresses.js';
import { evidenceOf } from '../../support/evidence.js';
import { cluster, type ClusterBuilder, id } from '../../support/picture.js';

const eth0 = { settings: { writerVipInterface: 'eth0' } };
const vip = { writerVip: { address: '10.0.0.100', prefix: 24 } };
const sound = cluster().source('a', eth0).replica('b', eth0).replica('c', eth0).with(vip);
const held = { interface: 'eth0', prefix: 24 };
const silent: AddressReadiness = { kind: 'cannot-tell', why: 'no route' };

function ready(changes: Partial<Extract<AddressReadiness, { kind: 'asked' }>> = {}): AddressReadiness {
  return { kind: 'asked', hasInterface: true, announcers: ['arping'], ...changes };
}

function found(
  readiness: Partial<Record<string, AddressReadiness>>,
  built: ClusterBuilder = sound,
  changes: Partial<Evidence> = {},
): readonly string[] {
  const usual: Record<string, AddressReadiness> = { a: ready({ held }), b: ready(), c: ready() };
  const addresses = Object.entries({ ...usual, ...readiness }).flatMap(([name, one]): AddressEvidence[] =>
    one === undefined ? [] : [{ server: id(name), readiness: one }],
  );
  const findings = writerAddress(evidenceOf(built, { addresses, addressAnswers: true, ...changes }));
  for (const finding of findings)
    expect([finding.seen, finding.matters, finding.fix].every((text) => text !== '')).toBe(true);
  return findings.map(({ severity, server }) => `${severity} ${server ?? ''}`);
}

describe('the writer’s address before anything happens', () => {
  it('is nobody’s business where none is configured, and right where it is on the source alone', () => {
    expect(found({}, cluster().source('a').replica('b'))).toEqual([]);
    expect(found({})).toEqual([]);
  });

  it.each([
    ['a candidate has no such interface', { b: ready({ hasInterface: false }) }, ['refuse b:3306']],
    [
      'the source’s host forbids it',
      { a: ready({ held, forbidden: 'sudo: a password is required' }) },
      ['refuse a:3306'],
    ],
    ['a candidate has no shell', { c: silent }, ['refuse c:3306']],
    ['a candidate has nothing to tell the neighbours with', { b: ready({ announcers: [] }) }, ['warn b:3306']],
    ['a replica has it', { a: ready(), b: ready({ held }) }, ['refuse b:3306']],
    ['both have it', { b: ready({ held }) }, ['refuse b:3306']],
    ['the source has it otherwise', { a: ready({ held: { interface: 'eth1', prefix: 24 } }) }, ['warn a:3306']],
    ['a stranger has it', { a: ready() }, ['refuse a:3306']],
  ])('%s', (_, readiness, expected) => {
    expect(found(readiness)).toEqual(expected);
  });

  it('is missed on the source when nobody answers there', () => {
    expect(found({ a: ready() }, sound, { addressAnswers: false })).toEqual(['warn a:3306']);
  });

  it('does not call a host a stranger that could not be asked', () => {
    expect(found({ a: ready(), c: silent })).toEqual(['refuse c:3306', 'warn a:3306']);
  });

  it('asks nothing of a server that may not lead', () => {
    const noMaster = { settings: { writerVipInterface: 'eth0', noMaster: true } };
    const built = cluster().source('a', eth0).replica('b', eth0).replica('c', noMaster).with(vip);
    expect(found({ c: ready({ hasInterface: false }) }, built)).toEqual([]);
  });

  it('passes over a source that is dead with its host', () => {
    expect(found({ a: silent }, sound.dead('a'))).toEqual(['note a:3306']);
  });

  it('is of no use to a server that does not listen there', () => {
    const bound = (bindAddress: string): ClusterBuilder =>
      cluster()
        .source('a', eth0)
        .replica('b', { ...eth0, state: { bindAddress } })
        .with(vip);
    expect(found({ c: undefined }, bound('10.0.0.2'))).toEqual(['refuse b:3306']);
    for (const heard of ['*', '0.0.0.0', '::', '10.0.0.2,10.0.0.100', 'b.example'])
      expect(found({ c: undefined }, bound(heard))).toEqual([]);
  });
});
