import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { workdirFlag } from '../cli/run-flags.js';
import type { Evidence } from '../failover/preflight/evidence.js';

const defaultLagSeconds = 30;

export default class CheckRepl extends BaseCommand {
  static override hiddenAliases = ['check_repl'];
  static override summary = 'Check whether a failover or a switch would work now, and say what to repair.';
  static override description =
    'Prints the topology and one line for each finding. Touches nothing. Exit 1 only for findings marked "refuse": what makes a failover impossible now; warnings never change it.';
  static override examples = [
    '<%= config.bin %> check-repl --conf conf/app1.cnf',
    '<%= config.bin %> check-repl --conf conf/app1.cnf --json',
    '<%= config.bin %> check-repl --seconds-behind-master 60',
  ];
  static override flags = {
    'seconds-behind-master': Flags.integer({
      aliases: ['seconds_behind_master'],
      default: defaultLagSeconds,
      min: 0,
      description: 'lag above which a replica counts as unhealthy',
    }),
    'skip-check-ssh': Flags.boolean({
      aliases: ['skip_check_ssh', 'skip-ssh-check', 'skip_ssh_check'],
      description: 'do not ask anything over SSH',
    }),
    'ignore-fail-on-start': Flags.boolean({
      aliases: ['ignore_fail_on_start'],
      description: 'a server with ignore_fail=1 may be dead or its replication broken',
    }),
    ...workdirFlag,
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(CheckRepl);
    const { settings, warnings } = await this.configuration(flags);
    const [{ openParts }, { gather }, { preflight, refuses }, { showChecks }, { choosePaint }] = await Promise.all([
      import('../cli/parts.js'),
      import('../cli/gather.js'),
      import('../failover/preflight/preflight.js'),
      import('../cli/show-checks.js'),
      import('../report/paint.js'),
    ]);
    const parts = openParts(settings, (text) => this.say(text));
    try {
      const evidence: Evidence = await gather(parts, {
        purpose: 'check',
        maxLagSeconds: flags['seconds-behind-master'],
        ssh: !flags['skip-check-ssh'],
        ignoreFailOnStart: flags['ignore-fail-on-start'],
      });
      const findings = [...warnings, ...preflight(evidence)];
      const ok = !refuses(findings);
      const paint = choosePaint({ env: process.env, isTTY: process.stdout.isTTY });
      for (const line of showChecks(evidence, findings, paint)) this.log(line);
      this.log(ok ? 'MySQL Replication Health is OK.' : 'MySQL Replication Health is NOT OK!');
      process.exitCode = ok ? 0 : 1;
      return {
        ok,
        source: evidence.verdict.source,
        replicas: evidence.verdict.replicas,
        servers: Object.fromEntries(evidence.picture.servers),
        findings,
      };
    } finally {
      await parts.close();
    }
  }
}
