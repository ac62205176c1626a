import type { Coordinates } from '../model/coordinates.js';
import { Fault } from '../model/fault.js';
import type { RelayRequest } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { stallMs } from './open-tail.js';
import { PullReader } from './pull-reader.js';
import { relayHeadBytes, relayListCommand } from './relay-command.js';
import { beginningOf, parseRelayLine, type RelayFile } from './relay-listing.js';

/** The replica's relay files in the order of its index, each with where it begins in the source's log. */
export async function listRelay(request: RelayRequest, door: Door, signal: AbortSignal): Promise<readonly RelayFile[]> {
  const reader = new PullReader(await door.read(relayListCommand(request), { signal }), stallMs);
  try {
    const files: RelayFile[] = [];
    for (let line = await reader.line(); line !== '.'; line = await reader.line()) {
      if (line === undefined) throw new Error('the list of relay files ended early');
      const file = parseRelayLine(line);
      if (file !== undefined) files.push(file);
    }
    return await withBeginnings(files, reader, request.received);
  } catch (error) {
    signal.throwIfAborted();
    const purpose = `list the relay log of ${request.relayLogIndex}`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Fault('SSH_COMMAND_FAILED', { host: door.host, status: 'an error', message, purpose }, { cause: error });
  } finally {
    reader.close();
  }
}

/** Where none names the source's file, all are taken for parts of the one that the receiver reads. */
async function withBeginnings(
  files: readonly RelayFile[],
  reader: PullReader,
  received: Coordinates | undefined,
): Promise<readonly RelayFile[]> {
  const named: RelayFile[] = [];
  const assumed: RelayFile[] = [];
  for (const file of files) {
    const head = await reader.bytes(Math.min(file.size, relayHeadBytes));
    named.push(beginningAt(file, beginningOf(head)));
    assumed.push(beginningAt(file, beginningOf(head, received)));
  }
  return named.some(({ begins }) => begins !== undefined) ? named : assumed;
}

function beginningAt(file: RelayFile, begins: Coordinates | undefined): RelayFile {
  return begins === undefined ? file : { ...file, begins };
}
