import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import { reasonAgainst } from '../family/choose.js';
import type { FamilyName, SourceAddress } from '../family/family.js';
import { type BenchTail, received, rewind, tailBytes, wideRow, writeTail } from './bench-tail.js';
import type { Part, Sample, Shape } from './part.js';
import { startRescuer } from './rescuer.js';

const megabytes = 200;
const names = ['db2', 'db3'] as const;

const families: readonly { readonly key: FamilyName; readonly title: string; readonly target: boolean }[] = [
  { key: 'mariadb', title: 'MariaDB', target: true },
  { key: 'mysql97', title: 'MySQL 9', target: true },
  { key: 'mysql56', title: 'MySQL 5.6', target: false },
];

/** How fast bytes come through the recovery source into relay logs. */
export const bytes: Part = {
  name: 'bytes',
  title: 'Bytes through the recovery source into relay logs',
  method: `Two replicas with their appliers stopped, 200 MB of binary log that the manager has fetched already: from START of
the receivers to the last byte in the second relay log, the bytes of both together. Plain is without tunnel and TLS; the
living source beside it is asked in plain, too. Everything shares the machine.`,
  runs: 3,
  figures: Object.fromEntries(families.flatMap(shapeOf)),
  run: async (): Promise<Sample> => {
    const samples: Record<string, number> = {};
    for (const { key } of families) if (reasonAgainst(key) === undefined) Object.assign(samples, await run(key));
    return samples;
  },
};

function shapeOf({ key, title, target }: (typeof families)[number]): (readonly [string, Shape[string]])[] {
  const rate = { unit: 'MB/s', digits: 0 };
  return [
    [`${key}-plain`, { name: `${title}, plain`, ...rate, ...(target ? { atLeast: 200 } : {}) }],
    [`${key}-tunnel`, { name: `${title}, through SSH tunnels`, ...rate }],
    ...(knowsTls(key) ? [[`${key}-tls`, { name: `${title}, TLS without tunnel`, ...rate }] as const] : []),
    [`${key}-native`, { name: `${title}, from the living source`, ...rate }],
  ];
}

/** 5.6 knows TLS 1.0 at most, which nobody offers any more. */
function knowsTls(family: FamilyName): boolean {
  return family !== 'mysql56';
}

async function run(family: FamilyName): Promise<Sample> {
  const cluster = await startCluster({ family, servers: 3 });
  try {
    const tail = await writeTail(cluster, megabytes * 1e6, wideRow);
    await native(cluster, tail);
    return {
      [`${family}-plain`]: await rescued(cluster, tail, 'listen', false),
      [`${family}-native`]: await native(cluster, tail),
      [`${family}-tunnel`]: await rescued(cluster, tail, 'tunnel', false),
      ...(knowsTls(family) ? { [`${family}-tls`]: await rescued(cluster, tail, 'listen', true) } : {}),
    };
  } finally {
    await cluster.stop();
  }
}

async function native(cluster: Cluster, tail: BenchTail): Promise<number> {
  return receive(cluster, tail, new Map(names.map((name) => [name, cluster.host('db1')])), false);
}

async function rescued(cluster: Cluster, tail: BenchTail, via: 'tunnel' | 'listen', tls: boolean): Promise<number> {
  const rescuer = await startRescuer(cluster, { from: tail.from, replicas: names, via });
  try {
    const places = await rescuer.start();
    await rescuer.saved();
    return await receive(cluster, tail, places, tls);
  } finally {
    await rescuer.stop();
  }
}

/** Megabytes per second of all replicas together. */
async function receive(
  cluster: Cluster,
  tail: BenchTail,
  places: ReadonlyMap<string, SourceAddress>,
  tls: boolean,
): Promise<number> {
  const servers = [...places].map(([name, place]) => ({ server: cluster.host(name).server, place }));
  await Promise.all(servers.map(({ server, place }) => rewind(server, tail, place, { tls })));
  const begun = performance.now();
  await Promise.all(
    servers.map(async ({ server }) => {
      await server.sql(`START ${server.family.words.replica} IO_THREAD`);
      await received(server, tail);
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(servers.map(({ server }) => server.sql(`STOP ${server.family.words.replica}`)));
  return (servers.length * tailBytes(tail)) / 1e6 / seconds;
}
