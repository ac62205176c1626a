import { describe, expect, it } from 'vitest';
import { readInnodbStatus } from '../../src/mysql/innodb-status.js';

/** MySQL 9.7.4, as the server gave it, but for shorter handles and a client's own words. */
const report = `TRANSACTIONS
------------
Trx id counter 1559
Purge done for trx's n:o < 1555 undo n:o < 0 state: running but idle
History list length 4
LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 375301021707464, not started
0 lock struct(s), heap size 1128, 0 row lock(s)
---TRANSACTION 375301021706656, ACTIVE 3 sec
0 lock struct(s), heap size 1128, 0 row lock(s)
MySQL thread id 15, OS thread handle 1405, query id 20 localhost root
---TRANSACTION 1558, ACTIVE 50 sec
1 lock struct(s), heap size 1128, 1 row lock(s)
MySQL thread id 13, OS thread handle 1405, query id 13 localhost root
---TRANSACTION 1557, ACTIVE (PREPARED) 50 sec
2 lock struct(s), heap size 1128, 1 row lock(s), undo log entries 1
---TRANSACTION 1556, ACTIVE 51 sec inserting
mysql tables in use 1, locked 1
2 lock struct(s), heap size 1128, 1 row lock(s), undo log entries 1
MySQL thread id 10, OS thread handle 1405, query id 7 localhost app executing
INSERT INTO t VALUES ('\u{1f409}
MySQL thread id 99, nobody
---TRANSACTION 7, ACTIVE 9 sec
--------
`;

describe("the engine's report", () => {
  it('names transactions that changed or locked something, and their connections', () => {
    const words = report.replace('\n---TRANSACTION 7, ACTIVE 9 sec', '');
    expect(readInnodbStatus(words)).toEqual([
      { id: '1558', connectionId: 13, seconds: 50 },
      { id: '1556', connectionId: 10, seconds: 51 },
    ]);
  });

  it('is not led astray by what a client writes into its statement', () => {
    expect(readInnodbStatus(report)?.map(({ id, connectionId }) => [id, connectionId])).toEqual([
      ['1558', 13],
      ['1556', 10],
    ]);
  });

  it('says nothing when it was cut', () => {
    expect(
      readInnodbStatus(report.replace('---TRANSACTION 1558', '... truncated...\n---TRANSACTION 1558')),
    ).toBeUndefined();
  });
});
