import { describe, expect, it } from 'vitest';
import { joinGtids } from '../../src/recovery/join-copies.js';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('GTIDs of consecutive ranges', () => {
  it('are one position on MariaDB: the last of each domain', () => {
    expect(joinGtids(['0-1-5,7-1-2', '', '0-2-9'])).toBe('0-2-9,7-1-2');
  });

  it('are one set on MySQL', () => {
    expect(joinGtids([`${uuid}:1-5`, `${uuid}:6-9`])).toBe(`${uuid}:1-9`);
  });

  it('are none without GTIDs', () => {
    expect(joinGtids(['', ''])).toBe('');
  });
});
