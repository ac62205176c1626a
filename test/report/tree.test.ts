import { describe, expect, it } from 'vitest';
import { deriveTopology } from '../../src/failover/preflight/topology.js';
import { choosePaint } from '../../src/report/paint.js';
import { topologyTree, type TreeInput } from '../../src/report/tree.js';
import { type ClusterBuilder, cluster, mysql97 } from '../support/picture.js';

function inputOf(built: ClusterBuilder): TreeInput {
  const { settings, picture } = built.build();
  const { source, replicas, links } = deriveTopology(settings, picture);
  const servers = settings.servers.map(({ id, nodeLabel }) => (nodeLabel === undefined ? { id } : { id, nodeLabel }));
  return { servers, picture, replicas, links, ...(source === undefined ? {} : { source }) };
}

describe('the topology tree', () => {
  it('shows the source, its replicas below, and what is wrong with them', () => {
    const built = cluster()
      .source('a', { settings: { nodeLabel: 'rack 1' } })
      .replica('b')
      .replica('c', { channel: { receiver: 'connecting', lag: 'unknown' }, state: { readOnly: false } })
      .replica('d', { channel: { applier: 'stopped', lag: 7 } });
    expect(topologyTree(inputOf(built))).toBe(`\
a:3306 (rack 1)  source   MariaDB 10.11.14  read_only=0  mysql-bin.000003:1000  GTID 0-1-100
├─ b:3306        replica  MariaDB 10.11.14  read_only=1  mysql-bin.000003:1000  lag 0 s  GTID 0-1-100
├─ c:3306        replica  MariaDB 10.11.14  read_only=0  mysql-bin.000003:1000  lag unknown  receiver connecting  GTID 0-1-100
└─ d:3306        replica  MariaDB 10.11.14  read_only=1  mysql-bin.000003:1000  lag 7 s  applier stopped  GTID 0-1-100
`);
  });

  it('keeps a dead source at the top and says why it is silent', () => {
    const lines = topologyTree(inputOf(cluster().source('a').replica('b').dead('a'))).split('\n');
    expect(lines[0]).toMatch(/^a:3306 {5}source {3}NOT RUNNING \(connect ECONNREFUSED\)$/);
    expect(lines[1]).toMatch(/^└─ b:3306 {2}replica/);
  });

  it('puts a replica of a replica below it', () => {
    const built = cluster()
      .source('a')
      .replica('b')
      .replica('c', { of: 'b', settings: { multiTierSlave: true } })
      .replica('d');
    const names = topologyTree(inputOf(built))
      .split('\n')
      .map((line) => line.split(':')[0]);
    expect(names).toEqual(['a', '├─ b', '│  └─ c', '└─ d', '']);
  });

  it('shows each server once when two follow each other', () => {
    const input = inputOf(cluster().source('a').replica('b'));
    const [first, second] = input.servers;
    if (first === undefined || second === undefined) throw new Error('the cluster has two servers');
    const links = [
      { server: first.id, source: second.id },
      { server: second.id, source: first.id },
    ];
    expect(topologyTree({ ...input, links }).split('\n')).toHaveLength(3);
  });

  it('lists servers without a place when nobody is the source', () => {
    const built = cluster()
      .source('a')
      .source('b')
      .reach('b', { kind: 'refused-us', errno: 1045, message: 'Access denied' });
    const lines = topologyTree(inputOf(built)).split('\n');
    expect(lines[0]).toMatch(/^a:3306 {2}no role {2}MariaDB 10\.11\.14 {2}read_only=0/);
    expect(lines[1]).toMatch(/^b:3306 {2}no role .*REFUSES US \(1045: Access denied\)$/);
  });

  it('prints the set of a MySQL server on one line', () => {
    const gtid = {
      binlogPos: '',
      slavePos: '',
      currentPos: '',
      binlogState: '',
      strictMode: false,
      domainId: 0,
      mode: 'ON',
      executed: 'aaaa:1-5,\nbbbb:1-9',
      purged: '',
    };
    const text = topologyTree(
      inputOf(
        cluster()
          .source('a', { state: { version: mysql97, gtid } })
          .replica('b'),
      ),
    );
    expect(text).toContain('MySQL 9.7.0');
    expect(text).toContain('GTID aaaa:1-5, bbbb:1-9\n');
  });

  it('aligns the columns when cells are painted', () => {
    const input = inputOf(
      cluster()
        .source('a', { state: { readOnly: true } })
        .replica('b'),
    );
    const painted = topologyTree(input, choosePaint({ env: { FORCE_COLOR: '1' }, isTTY: false }));
    expect(painted).toContain('\u001B[33mread_only=1\u001B[39m');
    expect(painted.replaceAll(/\u001B\[\d+m/g, '')).toBe(topologyTree(input));
  });
});
