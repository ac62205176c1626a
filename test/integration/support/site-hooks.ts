import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../src/sandbox/wait.js';

/** One call of a script as it saw it: its role, then its arguments; what follows `password=` is left out. */
export type HookCall = readonly [role: string, ...words: string[]];

/** A site's own scripts: one program that notes how it was called and answers what a test has told it. */
export interface SiteHooks {
  /** For the configuration file. */
  readonly command: (role: string) => string;
  calls(): readonly HookCall[];
  /** The exit code for a role's command from now on; 0 without it. */
  answer(role: string, command: string, code: number): void;
  /** Lets the next such call wait until the test has done its part. `command` is empty where MHA passes none. */
  during(role: string, command: string, work: () => Promise<void>): Promise<void>;
  remove(): void;
}

const askedWithinMs = 90_000;

/** The name that its processes show. */
export const hookName = 'site-hook';

const script = (folder: string): string => `#!/bin/sh
role=$1 command= line=$1
shift
for word; do
  case "$word" in --command=*) command=\${word#--command=} ;; *password=*) word=\${word%%=*}= ;; esac
  line="$line	$word"
done
printf '%s\\n' "$(printf '%s' "$line" | tr '\\n' ' ')" >> ${folder}/calls
if [ -e "${folder}/wait-$role-$command" ]; then
  touch "${folder}/asked-$role-$command"
  until [ -e "${folder}/go-$role-$command" ]; do sleep 0.02; done
fi
[ -e "${folder}/answer-$role-$command" ] && exit "$(cat "${folder}/answer-$role-$command")"
exit 0
`;

export function siteHooks(): SiteHooks {
  const folder = mkdtempSync(join(tmpdir(), 'mha-ts-hooks-'));
  const program = join(folder, hookName);
  const file = (kind: string, role: string, command: string): string => join(folder, `${kind}-${role}-${command}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, script(folder), { mode: 0o755 });
  return {
    command: (role) => `${program} ${role}`,
    calls: () => {
      if (!existsSync(join(folder, 'calls'))) return [];
      const lines = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
      return lines.map((line): HookCall => {
        const [role = '', ...words] = line.split('\t');
        return [role, ...words];
      });
    },
    answer: (role, command, code) => writeFileSync(file('answer', role, command), String(code)),
    during: async (role, command, work) => {
      for (const kind of ['asked', 'go']) rmSync(file(kind, role, command), { force: true });
      writeFileSync(file('wait', role, command), '');
      const asked = (): boolean => existsSync(file('asked', role, command));
      await until(asked, { what: `see ${role} asked to ${command}`, deadlineMs: askedWithinMs });
      await work();
      writeFileSync(file('go', role, command), '');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
