import { describeError } from '../model/fault.js';
import type { Door } from '../ports/shell.js';
import type { NamedProcess } from './guard.js';
import { detachCommand, endGuardCommand, guardFiles, type GuardTarget } from './guard-script.js';

const deadlineMs = 5_000;

/** Starts a guard that stays on the host when we go. Says what was left there and how each of it is undone. */
export async function leaveGuard(
  door: Door,
  target: GuardTarget,
  remoteWorkdir: string,
  frozen: readonly NamedProcess[],
): Promise<readonly string[]> {
  const { host } = door;
  const { port } = target.place;
  const answer = await door.run(detachCommand(target, remoteWorkdir), { deadlineMs }).catch(describeError);
  const waking = frozen.map(({ pid, name }) => `wake ${name} there with: kill -CONT ${String(pid)}`);
  const ending = `end the guard there with: ${endGuardCommand(remoteWorkdir, port)}`;
  // The order may have arrived all the same: whoever starts the server there must know what may kill it.
  if (typeof answer === 'string') {
    return [
      `whether a guard was left on ${host}, which kills the old server, is not known: ${answer}`,
      ending,
      ...waking,
    ];
  }
  if (!answer.stdout.includes('watching')) {
    return [`no guard could be left on ${host}: the old server may be started again by its supervisor`, ...waking];
  }
  const { log } = guardFiles(remoteWorkdir, port);
  return [
    `a guard was left on ${host}: it kills the old server whenever it is started (log: ${log})`,
    ending,
    ...waking,
  ];
}
