import type { Accounts } from './accounts.js';

export interface ConfFileFacts {
  readonly accounts: Accounts;
  readonly workdir: string;
  readonly sshUser: string;
  readonly sshOptions: string;
  readonly servers: readonly {
    readonly name: string;
    readonly hostname: string;
    readonly address: string;
    readonly port: number;
    readonly sshPort: number;
    readonly dataFolder: string;
  }[];
  /** Hosts that copies of the source's binary log are streamed to. */
  readonly copyHosts?: readonly {
    readonly hostname: string;
    readonly address: string;
    readonly sshPort: number;
    readonly copies: string;
  }[];
  /** More lines for `[server default]`, and for a server's own block by its name. */
  readonly defaults: Readonly<Record<string, string | number>>;
  readonly perServer: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}

/** The configuration of the cluster in MHA's own format, as a user of MHA would write it. */
export function confFileText(facts: ConfFileFacts): string {
  const { admin, replication } = facts.accounts;
  const defaults: Record<string, string | number> = {
    user: admin.user,
    password: admin.password.reveal(),
    repl_user: replication.user,
    repl_password: replication.password.reveal(),
    ssh_user: facts.sshUser,
    ssh_options: facts.sshOptions,
    manager_workdir: facts.workdir,
    ping_interval: 1,
    ...facts.defaults,
  };
  const blocks = facts.servers.map((server, index) => ({
    name: `server${String(index + 1)}`,
    keys: {
      hostname: server.hostname,
      ip: server.address,
      port: server.port,
      ssh_port: server.sshPort,
      master_binlog_dir: server.dataFolder,
      ...facts.perServer[server.name],
    },
  }));
  const copyBlocks = (facts.copyHosts ?? []).map(({ hostname, address, sshPort, copies }, index) => ({
    name: `binlog${String(index + 1)}`,
    keys: { hostname, ip: address, ssh_port: sshPort, master_binlog_dir: copies },
  }));
  return [{ name: 'server default', keys: defaults }, ...blocks, ...copyBlocks]
    .map(({ name, keys }) => block(name, keys))
    .join('\n');
}

function block(name: string, keys: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `${key}=${String(value)}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}
