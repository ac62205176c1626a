import { userInfo } from 'node:os';

/**
 * A container's user id may have no entry in passwd. oclif (4.14) asks the system for that user's home and shell, as soon as it is
 * loaded, and ends with a stack trace where there is none; what the environment says counts before.
 */
export function helpNamelessUser(env: NodeJS.ProcessEnv): void {
  try {
    userInfo();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    env['HOME'] ??= '/';
    env['SHELL'] ??= '/bin/sh';
  }
}
