import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** `minor` looks at the young generation only: a millisecond or two. `major` takes tens of them. */
export type Collection = 'minor' | 'major';

/**
 * Lets this thread collect its garbage when we know that there is some. By itself V8 looks at the young generation when its
 * own heap is full or 32 MiB of buffers hang on it (2 * kMaxSemiSpaceSize, heap.cc of V8 11), whatever limits a thread was
 * given: a transfer, whose garbage is nothing but buffers, would always grow to that.
 */
export function garbageCollector(): (kind: Collection) => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') return () => undefined;
  return (kind) => {
    // V8 11 takes every argument that is not false for `minor`, `{ type: 'major' }` too (GCExtension, gc-extension.cc).
    Reflect.apply(collect, undefined, kind === 'minor' ? [{ type: 'minor' }] : []);
  };
}
