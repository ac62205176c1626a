import { describeError } from '../model/fault.js';
import { type Configuration, digestNow, loadConfiguration } from './load-configuration.js';

/** What reading the files again came to. */
export type Reread =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly configuration: Configuration }
  | { readonly kind: 'broken'; readonly why: string };

/**
 * Reads the files again, hours or months after they were read first. Where they say the same, nothing is resolved anew: the
 * names' server may have died with the source. What a script adds can change without the files. Never rejects.
 */
export async function reread(before: Configuration, deadlineMs: number): Promise<Reread> {
  const late = new Promise<Reread>((resolve) => {
    const why = `not read within ${String(deadlineMs / 1000)} s`;
    setTimeout(resolve, deadlineMs, { kind: 'broken', why } as const).unref();
  });
  return Promise.race([look(before), late]);
}

async function look(before: Configuration): Promise<Reread> {
  try {
    const { request, chosen, origins } = before;
    const hasScript = origins.some(({ key, value = '' }) => key === 'init_conf_load_script' && value.trim() !== '');
    if (!hasScript && (await digestNow(before)) === before.digest) return { kind: 'same' };
    const configuration = await loadConfiguration({ ...request, conf: chosen.file });
    return isAlike(configuration, before) ? { kind: 'same' } : { kind: 'changed', configuration };
  } catch (error) {
    return { kind: 'broken', why: describeError(error) };
  }
}

/** With the passwords, which a plain comparison of texts would find masked. */
function isAlike(one: Configuration, other: Configuration): boolean {
  return one.digest === other.digest && secretsOf(one) === secretsOf(other) && shown(one) === shown(other);
}

function shown({ origins }: Configuration): string {
  return JSON.stringify(origins);
}

function secretsOf({ settings }: Configuration): string {
  const words = settings.servers.map(({ account, replicationPassword }) => [
    account.password.reveal(),
    replicationPassword?.reveal() ?? null,
  ]);
  return JSON.stringify(words);
}
