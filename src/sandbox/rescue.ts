/**
 * The recovery source alone, as a process of the manager's host for the benchmark: reads its plan from standard input,
 * opens its connections, says `ready`, and fetches and serves once a second line comes. Ends when its standard input ends.
 */
import { createInterface } from 'node:readline';
import { serverId } from '../model/settings.js';
import { startRecovery } from '../recovery/recovery-thread.js';
import { isRescuePlan, type RescueHost, type RescueLine, type RescuePlan } from './bench/rescue-plan.js';

type Recovery = ReturnType<typeof startRecovery>;

function say(line: RescueLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const idOf = ({ address, port }: RescueHost): ReturnType<typeof serverId> => serverId(address, port);

async function prepare(plan: RescuePlan): Promise<Recovery> {
  const hosts = [plan.source, ...plan.replicas].map((host) => ({
    id: idOf(host),
    ssh: {
      host: host.name,
      address: host.sshAddress,
      port: host.sshPort,
      user: plan.user,
      options: plan.sshOptions,
      connectTimeoutMs: 10_000,
    },
  }));
  const recovery = startRecovery({ hosts, minFreeBytes: 0, onNotice: (text) => say({ e: 'notice', text }) });
  await recovery.warm();
  const { serverId: number } = plan.source;
  // The part's clusters replicate by file and position, without GTIDs where a server may be without them.
  const gtidMode = 'OFF';
  await recovery.begin({ id: idOf(plan.source), serverId: number, gtidMode, domainId: 0, runDir: plan.runDir });
  return recovery;
}

async function rescue(plan: RescuePlan, recovery: Recovery, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const log = { host: idOf(plan.source), binlogBase: plan.binlogBase, end: plan.from };
  const saving = recovery.saveTail({ logs: [log], from: plan.from }, signal);
  const via =
    plan.listen === undefined ? ({ kind: 'tunnel' } as const) : ({ kind: 'listen', address: plan.listen } as const);
  const serving = plan.replicas.map(async (replica) => {
    const place = await recovery.serve({ replica: idOf(replica), serverId: replica.serverId, via });
    say({ e: 'serving', name: replica.name, address: place.host, port: place.port });
  });
  const [[range]] = await Promise.all([saving, ...serving]);
  if (range === undefined) throw new Error('The log that was asked for gave nothing.');
  const { to, bytes, defect } = range;
  const seconds = (performance.now() - begun) / 1000;
  say({ e: 'saved', to, bytes, seconds, ...(defect === undefined ? {} : { defect: defect.text }) });
}

async function main(): Promise<void> {
  const input = createInterface(process.stdin);
  const lines = input[Symbol.asyncIterator]();
  const first = await lines.next();
  const plan: unknown = first.done === true ? undefined : JSON.parse(first.value);
  if (!isRescuePlan(plan)) throw new Error('The rescue was given no plan.');
  const recovery = await prepare(plan);
  const stop = new AbortController();
  try {
    say({ e: 'ready' });
    const start = await lines.next();
    if (start.done === true) return;
    await rescue(plan, recovery, stop.signal);
    while ((await lines.next()).done !== true);
  } finally {
    stop.abort();
    await recovery.close();
  }
}

await main();
