import { Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { HookResult } from '../../ports/hooks.js';
import type { Hand, Of, World } from '../hand.js';
import { hasRun, hookNames } from '../hook-names.js';
import { closeAgain } from './promote.js';
import { reopen } from './stop-writes.js';

const lookMs = 5_000;

function call({ hook, server }: Of<'hook'>, world: World): Promise<HookResult> {
  const { hooks, source, facts, signal } = world;
  const { sshReachable, oldSourceStays } = facts;
  const newSource = facts.chosen ?? server;
  switch (hook) {
    case 'ip-stop':
      return hooks.ipStop({ source: source.id, sshReachable }, signal);
    case 'shutdown':
      return hooks.shutdown({ source: source.id, sshReachable }, signal);
    case 'ip-start':
      return hooks.ipStart({ source: source.id, newSource, sshReachable }, signal);
    case 'online-stop':
      return hooks.onlineChange({ command: 'stop', source: source.id, newSource, oldSourceStays }, signal);
    case 'online-start':
      return hooks.onlineChange({ command: 'start', source: source.id, newSource, oldSourceStays }, signal);
  }
}

/** Why it has no exit status of its own: the last thing that is known of it. */
function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}

function judge(hook: Of<'hook'>['hook'], { outcome, code, output }: HookResult, world: World): void {
  world.facts.hookResults.push({ hook: hookNames[hook], outcome, output });
  if (outcome === 'ten') world.progress('answered 10: going on');
  if (outcome !== 'failed') return;
  const why = code === undefined ? lastLine(output) : `exit code ${String(code)}`;
  throw new Fault('HOOK_FAILED', { hook: hookNames[hook], why });
}

async function isClosed(server: ServerId, { servers }: World): Promise<boolean> {
  const reach = await servers.reach(server, lookMs);
  return reach.kind === 'answered' && reach.state.readOnly;
}

/** The site's own scripts at MHA's places. 0 is done; 10 warns (for shutdown_script: stopped, host still up); else it failed. */
export const hook: Hand<'hook'> = {
  title: ({ hook: name }) => hookNames[name],
  // The hooks room enforces hook_timeout_seconds itself, with the script's whole process group.
  deadlineMs: Number.POSITIVE_INFINITY,
  // A plan made anew does not cut the power twice.
  already: ({ hook: name }, { facts }) => Promise.resolve(name === 'shutdown' && hasRun(name, facts)),
  async perform(step, world) {
    // A site's own script takes the time it takes, up to hook_timeout_seconds.
    if (step.hook === 'online-start') world.writeBlock?.end();
    const result = await call(step, world);
    judge(step.hook, result, world);
    // MHA: 0 says that the power is off.
    if (step.hook === 'shutdown' && result.outcome === 'ok') world.facts.sshReachable = false;
  },
  async undo(step, world) {
    if (step.hook === 'ip-stop' && hasRun(step.hook, world.facts)) {
      const { id } = world.source;
      const text = `master_ip_failover_script has taken clients off ${id}, and it knows no call that brings them back: do so by hand`;
      world.events.emit({ kind: 'note', level: 'warning', text });
    }
    // MHA's samples open the new source themselves; one that was open before the run is nothing of the script's.
    if (step.hook.endsWith('-start') && world.facts.former.get(step.server)?.state.readOnly === true)
      await closeAgain(step.server, world);
    // A switch that is rolled back gives the address back to the old source, as the one that starts.
    if (step.hook !== 'online-stop') return;
    const { hooks, source, facts } = world;
    const { oldSourceStays, oldSourceWasReadOnly } = facts;
    // MHA's sample closes the old source itself, and not each that was made after it opens a server again.
    if (!oldSourceWasReadOnly && (await isClosed(source.id, world))) await reopen(source.id, world);
    const result = await hooks.onlineChange(
      { command: 'start', source: source.id, newSource: source.id, oldSourceStays },
      world.signal,
    );
    judge('online-start', result, world);
  },
  show: ({ hook: name }) => [hookNames[name]],
};
