import { eofPacket } from './answers.js';
import type { Dump } from './dump-start.js';
import type { LogStream } from './log-stream.js';
import type { Serving } from './serving.js';
import type { Wire } from './wire.js';

/** Sends what there is, and then what comes, until the connection ends. */
export async function followLog(
  { wire, growth, options, emit }: Serving,
  stream: LogStream,
  dump: Dump,
  wish: { readonly heartbeatMs: number | undefined; readonly waits: boolean },
): Promise<void> {
  endWhenClientSpeaks(wire);
  // By GTID the replica may have been sent nothing: only a heartbeat tells it where the source stands.
  let heartbeat = dump.mode !== 'coordinates';
  let finished = false;
  for (;;) {
    // Asked before the drain: what grew in between is then sent before the end is drawn.
    const complete = options.complete?.() ?? false;
    await stream.drain();
    if (complete && !finished) dump.filter.finish();
    finished = complete;
    if (!wish.waits) return wire.send(eofPacket());
    emit({ kind: 'level', at: stream.place });
    if (heartbeat) await stream.sendHeartbeat();
    heartbeat = !(await growth.wait(wire, wish.heartbeatMs ?? idleLookMs)) && wish.heartbeatMs !== undefined;
  }
}

/** Without heartbeats we still look at the log now and then. */
const idleLookMs = 10_000;

/** During a dump a replica says nothing but goodbye. */
export function endWhenClientSpeaks(wire: Wire): void {
  wire.receive().then(
    () => wire.destroy('the replica ended the dump'),
    () => undefined, // the connection has ended; whoever uses it next is told
  );
}
