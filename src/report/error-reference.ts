import { type Code, catalogue, type Facts } from '../model/catalogue.js';

/** The text of docs/errors.md: exit codes, then every error the catalogue knows, by its code. */
export function errorReference(): string {
  const errors = Object.entries(catalogue).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sections = errors.map(([code, error]) => section(code, error));
  return `${[introduction, exitCodes, '## Errors', ...sections].join('\n\n')}\n`;
}

const introduction = `# Exit codes and errors

<!-- Generated from src/model/catalogue.ts; changes made here are lost. -->

An error has three parts: what is so, why it matters now, and what to do. With \`--json\` they are the fields \`seen\`,
\`matters\` and \`next\`, beside \`code\` and the \`facts\` as values. The error goes to stderr as text and to stdout as JSON;
the exit code is the same in both.`;

const exitCodes = `## Exit codes

| command | 0 | 1 | 2 | 10 |
| --- | --- | --- | --- | --- |
| \`manager\`, \`failover\`, \`switch\` | all done | aborted, no new source | wrong usage | the new source is up, but a server was not recovered |
| \`check-repl\`, \`doctor\` | no finding refuses | a failover or switch is impossible now | wrong usage | |
| \`check-ssh\` | every login works | a login does not work | wrong usage | |
| \`stop\` | no manager runs | it was not ended | wrong usage | |
| \`conf-host\` | the file is as wished | it was not changed | wrong usage | |
| \`purge-relay-logs\` | every replica is in order | one is not, or a server does not answer | wrong usage | |
| \`config show\`, \`completion\` | done | the configuration is not valid | wrong usage | |

An unreachable tail that had to be given up does not change the exit code: the report names it under "Lost or not known".

\`monitor\` ends with 20 when the source is dead, else with 1. \`secondary-check\` answers with 0 where no host reaches the source, 2 where a host
cannot be asked, 3 where one reaches it, and 1 for wrong usage. The codes under MHA's names: [mha-commands.md](mha-commands.md).

\`status\` answers with MHA's codes, and with 1 for wrong usage and for a status file that no manager writes:

| code | name | meaning |
| --- | --- | --- |
| 0 | PING_OK | pings succeed |
| 2 | NOT_RUNNING | no manager runs |
| 3 | PARTIALLY_RUNNING | the manager is gone, its child processes are not |
| 10 | INITIALIZING_MONITOR | the checks at the start run |
| 20 | PING_FAILING | a ping failed; nothing is decided yet |
| 21 | PING_FAILED | the source counts as unreachable |
| 30 | RETRYING_MONITOR | monitoring begins again |
| 31 | CONFIG_ERROR | the configuration or a check forbids to monitor |
| 32 | TIMESTAMP_OLD | it runs, but has not refreshed its status for --ping-limit seconds |
| 50 | FAILOVER_RUNNING | a failover runs |
| 51 | FAILOVER_ERROR | a failover ended with an error |`;

function section(code: string, { exit, seen, matters, next }: (typeof catalogue)[Code]): string {
  return [
    `### \`${code}\``,
    seen(placeholders),
    `- Why it matters: ${matters(placeholders)}\n- What to do: ${next(placeholders)}\n- Exit code: ${String(exit)}`,
  ].join('\n\n');
}

/** Any fact that a text asks for, as a word in capitals: `deadlineMs` gives `DEADLINE_MS`. */
const placeholders: Facts = new Proxy<Record<string, string>>(
  {},
  { get: (_, name) => String(name).replaceAll(/[A-Z]/g, '_$&').toUpperCase() },
);
