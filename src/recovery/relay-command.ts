import { posix } from 'node:path';
import type { RelayRequest } from '../ports/recovery.js';
import { quote } from '../ssh/quote.js';

/** Bytes of each relay file that are looked at to see which of the source's events it begins with. */
export const relayHeadBytes = 16_384;

/** The index file's path; relative ones are the data directory's, as are the names inside of it. */
function indexPath({ relayLogIndex, relayLogBase, dataDir }: RelayRequest): string {
  return posix.resolve(dataDir, relayLogIndex === '' ? `${relayLogBase}.index` : relayLogIndex);
}

/**
 * Prints a line `SIZE NAME` for each file that the index names, in its order, then a line with a dot, then the head of
 * each. Files that are gone meanwhile (purged by the applier) print size 0.
 */
export function relayListCommand(request: RelayRequest): string {
  const index = quote(indexPath(request));
  const size = 's=$(wc -c 2>/dev/null <"$f") || s=0; s=$((s))';
  const each = (work: string): string => `while IFS= read -r f; do ${size}; ${work}; done <"$i"`;
  const cap = `[ "$s" -le ${String(relayHeadBytes)} ] || s=${String(relayHeadBytes)}`;
  return (
    `i=${index}; cd ${quote(request.dataDir)} || exit 66; [ -r "$i" ] || exit 67; ` +
    `${each('echo "$s $f"')}; echo .; ${each(`${cap}; [ "$s" = 0 ] || head -c "$s" <"$f"`)}`
  );
}

/** One relay file, as long as it was when it was listed. */
export function relayFileCommand(request: RelayRequest, name: string, bytes: number): string {
  return `cd ${quote(request.dataDir)} || exit 66; head -c ${String(bytes)} <${quote(name)}`;
}
