import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { keyGroups, keyNames, keys } from '../../src/config/keys.js';
import { configurationReference } from '../../src/config/reference.js';

describe('the table of keys', () => {
  it('has the 42 keys of MHA and only marked ones beyond', () => {
    expect(keyNames.filter((name) => keys[name].own !== true)).toHaveLength(42);
    expect(keyNames.filter((name) => keys[name].own === true).sort()).toEqual([
      'applier_stall_seconds',
      'hook_secrets',
      'hook_timeout_seconds',
      'laggard_fetch_limit_mb',
      'min_free_disk_mb',
      'recovery_listen_address',
      'require_complete_rescue',
      'switch_drain_seconds',
      'writer_vip',
      'writer_vip_interface',
    ]);
  });

  it('puts every key into exactly one chapter', () => {
    expect(keyGroups.flatMap((group) => group.names)).toEqual(keyNames);
  });

  it('marks every password as a secret', () => {
    expect(keyNames.filter((name) => name.includes('password')).every((name) => keys[name].secret === true)).toBe(true);
  });
});

describe('the reference page', () => {
  it('says of every key what it means and its default', () => {
    const page = configurationReference();
    for (const name of keyNames) expect(page).toContain(`### \`${name}\`\n\n${keys[name].meaning}`);
  });

  it('is the committed file', async () => {
    expect(await readFile('docs/configuration.md', 'utf8')).toBe(configurationReference());
  });
});
