import { once } from 'node:events';
import { join } from 'node:path';
import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import { familyOf } from '../family/choose.js';
import type { FamilyName } from '../family/family.js';
import { within } from '../wait.js';
import { applied, type BenchTail, expectRows, rewind, wideRow, writeTail } from './bench-tail.js';
import type { Part, Sample, Shape } from './part.js';
import { startRescuer } from './rescuer.js';

const megabytes = 200;
/** As applications write them. */
const usualRow = 1024;
const all = ['db2', 'db3', 'db4'];
/** It applies one transaction after another over a connection: minutes, where a server that forces each commit to disk is slow. */
const pipeDeadlineMs = 900_000;

const pipeRemark =
  "The pipe is `mysqlbinlog | mysql` on the replica's own host, with the source's file in reach, so that nothing is copied first.";
const remarks: Readonly<Record<FamilyName, string>> = {
  mariadb: `MariaDB's log holds each usual row twice, as the statement's text and as the row. The text is most of these bytes; the
living source does not send it, the recovery source has to fetch it all the same. With wide rows it is switched off. For a
long tail a failover lets 8 appliers take what the source committed together ("appliers raised"); the ratios are without that.
${pipeRemark}`,
  mysql97: pipeRemark,
  mysql56: 'MySQL 5.6 comes without client programs here, so there is no pipe to show.',
};

/** How fast a tail is applied through the recovery source, beside the server's own replication of the same tail. */
export function applyPart(family: FamilyName, title: string): Part {
  const { name, raisedAppliers } = familyOf(family);
  return {
    name: `apply-${name}`,
    title: `Applying a tail of 200 MB: ${title}`,
    method: `The same 200 MB of binary log (each row a transaction, written by 4 connections) are applied again and again,
the replica's tables emptied in between: from the living source itself, from START to the last row applied; through the
recovery source, from its first command on, fetching, checking and the tunnels included. The ratio is the first time by
the second: 1 is as fast as the server's own replication. Rows of 1 KiB keep the applier busy, as an application's do.
Rows of 64 KiB give it next to nothing to do for each byte: what is measured then is how fast bytes can be copied on the
one machine that all servers, both ends of every SSH connection and the manager share.
${remarks[family]}`,
    runs: 1,
    family,
    figures: figures({ hasPipe: family !== 'mysql56', isRaised: raisedAppliers !== undefined }),
    run: async () => ({ ...(await usual(family)), ...(await wide(family)) }),
  };
}

function figures({ hasPipe, isRaised }: { readonly hasPipe: boolean; readonly isRaised: boolean }): Shape {
  const seconds = { unit: 's', digits: 1 };
  return {
    ratio1: { name: 'ratio, one replica', unit: '', digits: 2, atLeast: 0.9 },
    ratio3: { name: 'ratio, three replicas', unit: '', digits: 2, atLeast: 0.9 },
    wide1: { name: 'ratio, one replica, rows of 64 KiB', unit: '', digits: 2, atLeast: 0.9 },
    wide3: { name: 'ratio, three replicas, rows of 64 KiB', unit: '', digits: 2, atLeast: 0.9 },
    native1: { name: "one replica, the server's own replication", ...seconds },
    rescued1: { name: 'one replica, recovery source', ...seconds },
    native3: { name: "three replicas, the server's own replication", ...seconds },
    rescued3: { name: 'three replicas, recovery source', ...seconds },
    ...(isRaised
      ? {
          raised1: { name: 'one replica, recovery source, appliers raised', ...seconds },
          raised3: { name: 'three replicas, recovery source, appliers raised', ...seconds },
        }
      : {}),
    ...(hasPipe ? { pipe1: { name: 'one replica, `mysqlbinlog \\| mysql`', ...seconds } } : {}),
  };
}

async function usual(family: FamilyName): Promise<Sample> {
  return await onTail(family, usualRow, async (cluster, tail) => {
    const { native1, rescued1, native3, rescued3 } = await sideBySide(cluster, tail);
    const ratios = { ratio1: native1 / rescued1, ratio3: native3 / rescued3 };
    const raised = await inParallel(cluster, tail);
    const pipe1 = await pipe(cluster, tail, 'db2');
    return { ...ratios, native1, rescued1, native3, rescued3, ...raised, ...(pipe1 === undefined ? {} : { pipe1 }) };
  });
}

/** As a failover does it for a long tail, where the family has such a thing. */
async function inParallel(cluster: Cluster, tail: BenchTail): Promise<Sample> {
  if (cluster.family.raisedAppliers === undefined) return {};
  return {
    raised1: await rescued(cluster, tail, ['db2'], true),
    raised3: await rescued(cluster, tail, all, true),
  };
}

async function wide(family: FamilyName): Promise<Sample> {
  return await onTail(family, wideRow, async (cluster, tail) => {
    const { native1, rescued1, native3, rescued3 } = await sideBySide(cluster, tail);
    return { wide1: native1 / rescued1, wide3: native3 / rescued3 };
  });
}

async function onTail(
  family: FamilyName,
  rowBytes: number,
  measure: (cluster: Cluster, tail: BenchTail) => Promise<Sample>,
): Promise<Sample> {
  const cluster = await startCluster({ family });
  try {
    return await measure(cluster, await writeTail(cluster, megabytes * 1e6, rowBytes));
  } finally {
    await cluster.stop();
  }
}

type Times = Readonly<Record<'native1' | 'rescued1' | 'native3' | 'rescued3', number>>;

async function sideBySide(cluster: Cluster, tail: BenchTail): Promise<Times> {
  // Once unmeasured: the first pass over new files is slower than every later one, whoever brings the bytes.
  await native(cluster, tail, all);
  const native1 = await native(cluster, tail, ['db2']);
  const rescued1 = await rescued(cluster, tail, ['db2']);
  const rescued3 = await rescued(cluster, tail, all);
  const native3 = await native(cluster, tail, all);
  return { native1, rescued1, native3, rescued3 };
}

/** Seconds from START on until every replica has applied the tail. */
async function native(cluster: Cluster, tail: BenchTail, names: readonly string[]): Promise<number> {
  const servers = names.map((name) => cluster.host(name).server);
  await Promise.all(servers.map((server) => rewind(server, tail, cluster.host('db1'), tail)));
  const begun = performance.now();
  await Promise.all(servers.map((server) => server.sql(`START ${server.family.words.replica}`)));
  await Promise.all(servers.map((server) => applied(server, tail.to)));
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(servers.map((server) => expectRows(server, tail)));
  return seconds;
}

/** Seconds from the rescue's first command on until every replica has applied the tail. */
async function rescued(cluster: Cluster, tail: BenchTail, names: readonly string[], raises = false): Promise<number> {
  const { raisedAppliers } = cluster.family;
  const servers = names.map((name) => cluster.host(name).server);
  await Promise.all(servers.map((server) => rewind(server, tail, cluster.host('db1'), { tls: false })));
  const rescuer = await startRescuer(cluster, { from: tail.from, replicas: names, via: 'tunnel' });
  try {
    const begun = performance.now();
    const places = await rescuer.start();
    await Promise.all(
      names.map(async (name) => {
        const { server } = cluster.host(name);
        const { words } = server.family;
        const place = places.get(name);
        if (place === undefined) throw new Error(`${name} is not served`);
        await server.sql(words.pointAt(place, tail.from, { tls: false }));
        if (raises && raisedAppliers !== undefined) await server.sql(raisedAppliers.begin);
        await server.sql(`START ${words.replica}`);
        await applied(server, tail.to);
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    await rescuer.saved();
    await Promise.all(servers.map((server) => expectRows(server, tail)));
    return seconds;
  } finally {
    await Promise.all(servers.map((server) => server.sql(`STOP ${server.family.words.replica}`)));
    if (raises && raisedAppliers !== undefined)
      await Promise.all(servers.map((server) => server.sql(raisedAppliers.end)));
    await rescuer.stop();
  }
}

/** Seconds of the pipe; undefined where the family has no client programs here. */
async function pipe(cluster: Cluster, tail: BenchTail, name: string): Promise<number | undefined> {
  const { server } = cluster.host(name);
  const { binlogReader, client } = server.family.programs();
  if (client === undefined) return undefined;
  const source = cluster.host('db1');
  await rewind(server, tail, source, { tls: false });
  await server.sql(server.family.words.open);
  const { from, to } = tail;
  const file = join(source.server.dataFolder, from.file);
  const range = [`--start-position=${String(from.position)}`, `--stop-position=${String(to.position)}`];
  const read = [...binlogReader, ...range, file].join(' ');
  const write = [
    ...client,
    '--no-defaults',
    `--socket=${server.socket}`,
    '--max-allowed-packet=1G',
    '--binary-mode',
  ].join(' ');
  const begun = performance.now();
  const child = cluster.spawnIn(name, ['sh', '-c', `${read} | ${write}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (piece: Buffer) => (complaint += String(piece)));
  await within(once(child, 'close'), 'pipe the tail', pipeDeadlineMs);
  const seconds = (performance.now() - begun) / 1000;
  if (child.exitCode !== 0) throw new Error(`the pipe ended with ${String(child.exitCode)}: ${complaint}`);
  await expectRows(server, tail);
  return seconds;
}
