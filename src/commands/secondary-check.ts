import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { Secret } from '../model/secret.js';

const mysqlPort = 3306;
const sshPort = 22;

export default class SecondaryCheck extends BaseCommand {
  static override hiddenAliases = ['secondary_check'];
  static override summary = 'Look at the source from other hosts; for secondary_check_script.';
  static override description = `Exit 0 no host reaches the source (also when none was named), so that a failover may begin; 2 a host cannot be
asked; 3 a host reaches it; 1 wrong usage.`;
  static override examples = [
    '<%= config.bin %> secondary-check -s remote1 -s remote2 --master-host db1 --master-port 3306',
    'secondary_check_script = <%= config.bin %> secondary-check -s remote1 -s remote2 --port 2222',
  ];
  static override flags = {
    'secondary-host': Flags.string({
      char: 's',
      aliases: ['secondary_host'],
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST',
      description: 'look from this host; may be given several times',
    }),
    user: Flags.string({ default: 'root', description: 'SSH account on it' }),
    port: Flags.integer({ default: sshPort, min: 1, max: 65_535, description: 'SSH port of it' }),
    options: Flags.string({ default: '', description: 'options of ssh' }),
    'master-host': Flags.string({ aliases: ['master_host'], required: true, description: 'the source' }),
    'master-ip': Flags.string({ aliases: ['master_ip'], description: 'its address' }),
    'master-port': Flags.integer({
      aliases: ['master_port'],
      default: mysqlPort,
      min: 1,
      max: 65_535,
      description: 'its port',
    }),
    'master-user': Flags.string({ aliases: ['master_user'], description: 'account for a write as a trial' }),
    'master-password': Flags.string({ aliases: ['master_password'], description: 'its password' }),
    'ping-type': Flags.string({ aliases: ['ping_type'], description: 'INSERT tries a write as well' }),
    timeout: Flags.integer({
      default: 5,
      min: 1,
      helpValue: 'SECONDS',
      description: 'how long one connection may take',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(SecondaryCheck);
    const { lookFromAll } = await import('../cli/secondary-look.js');
    const address = flags['master-ip'];
    const user = flags['master-user'];
    const writes = flags['ping-type']?.toUpperCase() === 'INSERT' && user !== undefined;
    const looks = await lookFromAll(
      {
        host: flags['master-host'],
        ...(address === undefined ? {} : { address }),
        port: flags['master-port'],
        ...(writes ? { write: { user, password: new Secret(flags['master-password'] ?? '') } } : {}),
      },
      {
        hosts: flags['secondary-host'] ?? [],
        ssh: { user: flags.user, port: flags.port, options: flags.options },
        timeoutMs: flags.timeout * 1000,
      },
    );
    for (const { text } of looks) this.log(text);
    const code = looks.find(({ code: one }) => one !== 0)?.code ?? 0;
    process.exitCode = code;
    return { code, looks };
  }

  /** 2 means "a host cannot be asked" here, so wrong usage is 1. */
  override async catch(error: Error & { exitCode?: number; oclif?: { exit?: number } }): Promise<unknown> {
    error.oclif = { ...error.oclif, exit: 1 };
    return super.catch(error);
  }
}
