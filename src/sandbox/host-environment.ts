import { userInfo } from 'node:os';
import type { SpawnSettings } from './lab.js';

/** The small environment of a process in a host. Nothing of the caller's leaks in, so runs are alike everywhere. */
export function hostEnvironment(home: string, settings: SpawnSettings): NodeJS.ProcessEnv {
  const terminal: Record<string, string> = {};
  for (const name of ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CI']) {
    const value = process.env[name];
    if (value !== undefined) terminal[name] = value;
  }
  return {
    PATH: `${nodeFolder()}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    USER: userInfo().username,
    LOGNAME: userInfo().username,
    LANG: 'C.UTF-8',
    ...terminal,
    ...settings.env,
  };
}

function nodeFolder(): string {
  return process.execPath.slice(0, process.execPath.lastIndexOf('/'));
}
