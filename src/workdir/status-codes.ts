/**
 * MHA's status codes: what a running manager writes and what `status` answers with as its exit code. Scripts and
 * monitoring plug-ins of MHA's users read both, so number and name are an interface.
 */
export const statusNames = {
  0: 'PING_OK',
  2: 'NOT_RUNNING',
  3: 'PARTIALLY_RUNNING',
  10: 'INITIALIZING_MONITOR',
  20: 'PING_FAILING',
  21: 'PING_FAILED',
  30: 'RETRYING_MONITOR',
  31: 'CONFIG_ERROR',
  32: 'TIMESTAMP_OLD',
  50: 'FAILOVER_RUNNING',
  51: 'FAILOVER_ERROR',
} as const;

export type AnyStatusCode = keyof typeof statusNames;

export function isStatusCode(code: number): code is AnyStatusCode {
  return Object.hasOwn(statusNames, code);
}
