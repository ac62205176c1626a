import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Cluster } from '../../src/sandbox/cluster.js';
import { type FamilyName, familyNames } from '../../src/sandbox/family/family.js';
import { isMatrix, needFamily } from './support/families.js';
import { startProduct } from './support/product.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';

interface Diagnosis {
  readonly ok: boolean;
  readonly works: readonly string[];
  readonly unneeded: readonly string[];
  readonly change: readonly { readonly id: string; readonly seen: string }[];
  readonly grants: readonly string[];
}

async function examined(cluster: Cluster): Promise<Diagnosis & { readonly code: number | null }> {
  const { code, stdout, stderr } = await startProduct(cluster, ['doctor', '--json']).end();
  expect(stdout + stderr).not.toContain(cluster.accounts.admin.password.reveal());
  return { ...(JSON.parse(stdout) as Diagnosis), code };
}

const least = 'least-password-4711';

/** Gives the smallest rights to an account of its own, and the configuration this account. */
async function useLeast(cluster: Cluster, grants: readonly string[]): Promise<void> {
  const { user } = cluster.accounts.admin;
  await cluster.sql('db1', `CREATE USER 'least'@'%' IDENTIFIED BY '${least}'`);
  for (const grant of grants.filter((line) => line.includes(`'${user}'@'%'`)))
    await cluster.sql('db1', grant.replace(`'${user}'@'%'`, "'least'@'%'").replace(/;$/, ''));
  const text = readFileSync(cluster.confFile, 'utf8');
  const changed = text.replace(/^user=.*$/m, 'user=least').replace(/^password=.*$/m, `password=${least}`);
  writeFileSync(cluster.confFile, changed, { mode: 0o600 });
}

const families: readonly FamilyName[] = isMatrix ? familyNames : ['mariadb'];

describeWithServers('the doctor', () => {
  it.for(families)('names rights on %s that are enough to switch and to fail over', async (family, context) => {
    needFamily(family, context);
    await withCluster({ family, servers: 3, mode: 'gtid', conf: { ping_type: 'INSERT' } }, async (cluster) => {
      const first = await examined(cluster);
      expect(first, JSON.stringify(first.change)).toMatchObject({ ok: true, code: 0 });
      expect(first.change.filter(({ id }) => id === 'account-rights')).toEqual([]);
      await useLeast(cluster, first.grants);
      const second = await examined(cluster);
      expect(second.change.filter(({ id }) => id === 'account-rights')).toEqual([]);
      expect(second.works.join('\n')).toMatch(
        /The administrative account has all it needs on db1:3306, db2:3306, db3:3306/,
      );

      const switched = await startProduct(cluster, ['switch', '--new-master', 'db2', '--yes']).end();
      expect(switched.code, switched.stdout + switched.stderr).toBe(0);
      expect((await startProduct(cluster, ['purge-relay-logs']).end()).code).toBe(0);
      await cluster.killServer('db2');
      const dead = await startProduct(cluster, ['failover', '--dead-master-host', 'db2', '--yes']).end();
      expect(dead.code, dead.stdout + dead.stderr).toBe(0);
    });
  });

  it('sorts what a site of MHA has', async () => {
    await withCluster({ servers: 2, conf: { client_bindir: '/usr/bin' } }, async (cluster) => {
      const script = join(cluster.folder, 'vip');
      writeFileSync(script, '#!/bin/sh\nexit 0\n');
      const text = readFileSync(cluster.confFile, 'utf8');
      const more = `[server default]\nmaster_ip_online_change_script=${script} --now\n`;
      writeFileSync(cluster.confFile, text.replace('[server default]\n', more), { mode: 0o600 });
      const before = await examined(cluster);
      expect(before).toMatchObject({ ok: false, code: 1 });
      expect(before.change.map(({ seen }) => seen)).toContainEqual(
        `master_ip_online_change_script: ${script} is not executable`,
      );
      expect(before.unneeded.join('\n')).toMatch(/client_bindir \(.*\): Accepted and not needed/);
      chmodSync(script, 0o755);
      const after = await examined(cluster);
      expect(after).toMatchObject({ ok: true, code: 0 });
      expect(after.works).toContain(`master_ip_online_change_script: ${script} can be started`);
      expect(after.works.join('\n')).toMatch(/SSH from this machine to db1, db2/);
    });
  });
});
