import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startProduct, watching } from './support/product.js';
import { describeWithServers, withCluster } from './support/with-cluster.js';

describeWithServers('a manager whose configuration changes while it watches', () => {
  it('fails over as the file says when the source dies', async () => {
    await withCluster({ servers: 3 }, async (cluster) => {
      const text = readFileSync(cluster.confFile, 'utf8');
      const before = text.replace('[server2]\n', '[server2]\ncandidate_master=1\n');
      writeFileSync(cluster.confFile, before, { mode: 0o600 });
      const manager = startProduct(cluster, ['manager']);
      await watching(cluster, manager);
      writeFileSync(cluster.confFile, text.replace('[server2]\n', '[server2]\nno_master=1\n'), { mode: 0o600 });
      await cluster.killServer('db1');
      const { code } = await manager.end();
      expect(code, manager.text()).toBe(0);
      expect(manager.text()).toMatch(/app1\.cnf was read again: it has changed, and counts as it is now/);
      expect(await cluster.sql('db3', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '0' }]);
      expect(await cluster.sql('db2', 'SELECT @@global.read_only AS closed')).toEqual([{ closed: '1' }]);
    });
  });
});
