/**
 * A long way, for the benchmark: takes TCP connections and passes their bytes on to another place, in both directions each
 * piece so many milliseconds after it came. Arguments: where to listen (address, port), where to (address, port), the delay.
 * Ends when its standard input ends.
 */
import { createServer, connect, type Socket } from 'node:net';

/** So much may be on its way at once; a real line's sender would wait for its window, too. */
const onTheWayMax = 16 * 2 ** 20;

function pass(from: Socket, to: Socket, delayMs: number): void {
  let onTheWay = 0;
  from.on('data', (piece: Buffer) => {
    onTheWay += piece.length;
    if (onTheWay > onTheWayMax) from.pause();
    setTimeout(() => {
      onTheWay -= piece.length;
      if (onTheWay <= onTheWayMax) from.resume();
      if (!to.destroyed) to.write(piece);
    }, delayMs);
  });
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroySoon(), delayMs));
}

function main([address = '', port = '', targetAddress = '', targetPort = '', delay = '']: readonly string[]): void {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ host: targetAddress, port: Number(targetPort), noDelay: true, allowHalfOpen: true });
    pass(near, far, Number(delay));
    pass(far, near, Number(delay));
  });
  server.listen(Number(port), address, () => process.stdout.write('listening\n'));
  process.stdin.on('end', () => process.exit(0)).resume();
}

main(process.argv.slice(2));
