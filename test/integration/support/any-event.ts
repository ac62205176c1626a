/** A tail of all the kinds of events that a family's source can write. */
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import type { FamilyName, ReplicationMode } from '../../../src/sandbox/family/family.js';

interface Abilities {
  /** Options without which it refuses a part of the tail. */
  readonly options: readonly string[];
  /** Whether a transaction that is prepared is in the binary log before it is committed. */
  readonly logsPrepared: boolean;
  readonly largeRowBytes: number;
  /** What its own event headers call what only it writes; the product's table of types is not asked. */
  readonly events: Readonly<Record<string, number>>;
}

export const abilities: Readonly<Record<FamilyName, Abilities>> = {
  mariadb: {
    options: ['secure_file_priv='],
    logsPrepared: true,
    largeRowBytes: 20 * 2 ** 20,
    events: { xaPrepare: 38, annotate: 160, compressedQuery: 165, compressedWrite: 166, compressedUpdate: 167 },
  },
  mysql97: {
    options: ['secure_file_priv=', 'binlog_rows_query_log_events=ON'],
    logsPrepared: true,
    largeRowBytes: 20 * 2 ** 20,
    events: { rowsQuery: 29, xaPrepare: 38, partialUpdate: 39, payload: 40 },
  },
  mysql56: {
    options: ['secure_file_priv=', 'binlog_rows_query_log_events=ON'],
    logsPrepared: false,
    // A row may not be longer than a tenth of the redo log.
    largeRowBytes: 8 * 2 ** 20,
    events: { rowsQuery: 29 },
  },
};

/** By name, the events that must be in the tail, or a proof with it proves less than it says. */
export function expectedEvents(family: FamilyName, mode: ReplicationMode): Readonly<Record<string, number>> {
  const common = { intvar: 5, appendBlock: 9, rand: 13, userVar: 14, xid: 16, beginLoad: 17, executeLoad: 18 };
  const tagged = family === 'mysql97' && mode === 'gtid' ? { taggedGtid: 42 } : {};
  return { ...common, ...abilities[family].events, ...tagged };
}

/** The types of a binary log file's events. */
export function eventTypesIn(file: string): ReadonlySet<number> {
  const bytes = readFileSync(file);
  const types = new Set<number>();
  for (let at = 4; at + 19 <= bytes.length; at += Math.max(19, bytes.readUInt32LE(at + 9)))
    types.add(bytes.readUInt8(at + 4));
  return types;
}

/** The session that logs statements: it goes on from before the tail into it, with a temporary table. */
type Session = (text: string) => Promise<void>;

/** Tables, and a temporary table that the replicas' appliers hold already when the tail uses it. */
export async function beforeTheTail(cluster: Cluster): Promise<Session> {
  const lines = Array.from({ length: 12_000 }, (_, n) => `${String(n)}\t${'x'.repeat(30)} line ${String(n)}\n`);
  await writeFile(loadFile(cluster), lines.join(''));
  await chmod(loadFile(cluster), 0o644);
  const session = await openSession(cluster);
  await session(`CREATE DATABASE any1; USE any1;
    CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(2000), b DOUBLE) ENGINE=InnoDB;
    CREATE TABLE loose (id INT, a VARCHAR(200)) ENGINE=MyISAM;
    CREATE TABLE loaded (n INT, line VARCHAR(100), twice INT) ENGINE=InnoDB;
    CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB) ENGINE=InnoDB;
    CREATE TABLE xa (id VARCHAR(20) PRIMARY KEY) ENGINE=InnoDB;
    CREATE TABLE xa_left (id INT PRIMARY KEY) ENGINE=InnoDB`);
  await session("SET SESSION binlog_format='STATEMENT'");
  await session('CREATE TEMPORARY TABLE early (id INT); INSERT INTO early VALUES (1), (2)');
  return session;
}

/** Writes the tail; `session` is the one of before. */
export async function writeAnyEvent(cluster: Cluster, mode: ReplicationMode, session: Session): Promise<void> {
  const family = cluster.family.name;
  const other = await openSession(cluster);
  await other('USE any1');
  await session(statements(cluster));
  await other(rows);
  await other(savepoints);
  if (mode === 'coordinates' || family === 'mariadb') await session(mixedEngines);
  await other("SET GLOBAL binlog_checksum='NONE'");
  await writeXa(cluster, 'none', other);
  await session(statements(cluster));
  await other(largeRow(family));
  if (mode === 'coordinates' || family !== 'mysql56') await other('CREATE TABLE selected SELECT * FROM t');
  await other('FLUSH LOGS');
  await other(rows);
  await other("SET GLOBAL binlog_checksum='CRC32'");
  await other(ownForms(family, mode));
  await writeXa(cluster, 'crc32', other);
  await other(schemaChanges);
  await session(statements(cluster));
  await leavePrepared(cluster);
  await other(largeRow(family));
  await other(rows);
}

async function openSession(cluster: Cluster): Promise<Session> {
  const door = await cluster.host('db1').server.openDoor();
  return async (text) => {
    await door.query(text).catch((cause: unknown) => {
      throw new Error(`db1 refuses a part of: ${text}`, { cause });
    });
  };
}

function loadFile(cluster: Cluster): string {
  return join(cluster.folder, 'load.txt');
}

/** LOAD DATA comes in several blocks; `early` was made where the replicas have been already. */
function statements(cluster: Cluster): string {
  return `SET @text='ünï 🚢', @n=7, @nothing=NULL;
    INSERT INTO t (a, b) VALUES (@text, RAND()), (@nothing, @n);
    CREATE TEMPORARY TABLE short (id INT, a VARCHAR(20));
    INSERT INTO short VALUES (1, 'one'), (2, 'two');
    INSERT INTO t (a) SELECT a FROM short ORDER BY id;
    INSERT INTO t (b) SELECT id FROM early ORDER BY id;
    INSERT INTO early SELECT id + 10 FROM short;
    DROP TEMPORARY TABLE short;
    LOAD DATA INFILE '${loadFile(cluster)}' INTO TABLE loaded (n, @line) SET line = @line, twice = n * 2`;
}

const rows = `INSERT INTO loose VALUES (1, 'loose');
  INSERT INTO t (a) VALUES (REPEAT('long ', 200)), ('row'), ('gone');
  UPDATE t SET b = 1.5, a = CONCAT(LEFT(a, 400), REPEAT('-', 400)) WHERE a LIKE 'long%';
  DELETE FROM t WHERE a = 'gone'`;

const savepoints = `BEGIN; INSERT INTO t (a) VALUES ('kept'); SAVEPOINT one; INSERT INTO t (a) VALUES ('undone');
  ROLLBACK TO SAVEPOINT one; SAVEPOINT two; INSERT INTO t (a) VALUES ('kept too'); RELEASE SAVEPOINT two; COMMIT`;

/** What cannot be rolled back makes the server log the savepoint's and the transaction's end as statements. */
const mixedEngines = `BEGIN; INSERT INTO t (a) VALUES ('kept'); SAVEPOINT one; INSERT INTO loose VALUES (2, 'stays');
  INSERT INTO t (a) VALUES ('undone'); ROLLBACK TO SAVEPOINT one; COMMIT;
  BEGIN; INSERT INTO t (a) VALUES ('undone'); INSERT INTO loose VALUES (3, 'stays'); ROLLBACK`;

/** Others write between a transaction's preparation and its end. */
async function writeXa(cluster: Cluster, name: string, other: Session): Promise<void> {
  const session = await openSession(cluster);
  const work = (n: number): string => {
    const id = `${name} ${String(n)}`;
    return `XA START '${id}'; INSERT INTO any1.xa VALUES ('${id}'); XA END '${id}'`;
  };
  await session(`${work(1)}; XA PREPARE '${name} 1'`);
  await other(rows);
  await session(`XA COMMIT '${name} 1'`);
  await session(`${work(2)}; XA PREPARE '${name} 2'; XA ROLLBACK '${name} 2'`);
  await session(`${work(3)}; XA COMMIT '${name} 3' ONE PHASE`);
}

/** Its session goes, as that of a transaction manager that died. */
async function leavePrepared(cluster: Cluster): Promise<void> {
  const door = await cluster.host('db1').server.openDoor();
  await door.query("XA START 'left'; INSERT INTO any1.xa_left VALUES (1); XA END 'left'; XA PREPARE 'left'");
  door.close();
}

function largeRow(family: FamilyName): string {
  const times = String(abilities[family].largeRowBytes / 1024);
  return `INSERT INTO big (body) VALUES (REPEAT(HEX(RANDOM_BYTES(512)), ${times}))`;
}

function ownForms(family: FamilyName, mode: ReplicationMode): string {
  switch (family) {
    case 'mariadb':
      return `SET GLOBAL log_bin_compress=ON; ${rows};
        CREATE TABLE described (id INT) COMMENT='${'as long as it has to be to be worth it '.repeat(10)}';
        SET SESSION binlog_alter_two_phase=1; ALTER TABLE described ADD COLUMN b INT, ALGORITHM=COPY;
        CREATE SEQUENCE s; SELECT NEXTVAL(s); INSERT INTO t (b) SELECT NEXTVAL(s);
        SET GLOBAL log_bin_compress=OFF`;
    case 'mysql97':
      return `CREATE TABLE j (id INT PRIMARY KEY, doc JSON);
        INSERT INTO j VALUES (1, JSON_OBJECT('a', 1, 'long', REPEAT('x', 5000)));
        SET SESSION binlog_row_value_options='PARTIAL_JSON';
        UPDATE j SET doc = JSON_SET(doc, '$.a', 2);
        SET SESSION binlog_transaction_compression=ON; ${rows};
        UPDATE j SET doc = JSON_SET(doc, '$.a', 3);
        BEGIN; ${rows}; ${largeRow(family)}; COMMIT;
        SET SESSION binlog_transaction_compression=OFF;
        ${mode === 'gtid' ? `SET gtid_next='AUTOMATIC:blue'; ${rows}; SET gtid_next='AUTOMATIC'` : 'DO 0'}`;
    case 'mysql56':
      return `SET GLOBAL log_bin_use_v1_row_events=1; ${rows}; SET GLOBAL log_bin_use_v1_row_events=0`;
    default:
      return family satisfies never;
  }
}

const schemaChanges = `CREATE TABLE made (id INT); ALTER TABLE made ADD COLUMN b VARCHAR(20); RENAME TABLE made TO renamed;
  CREATE PROCEDURE p() BEGIN INSERT INTO t (a) VALUES ('by a procedure'); ROLLBACK; INSERT INTO t (a) VALUES ('twice'); COMMIT; END;
  CALL p(); CREATE TRIGGER tr BEFORE INSERT ON renamed FOR EACH ROW SET NEW.b = 'trigger';
  INSERT INTO renamed (id) VALUES (1); CREATE TABLE dropped (id INT); DROP TABLE dropped; TRUNCATE TABLE renamed;
  INSERT INTO renamed (id) VALUES (2); CREATE VIEW v AS SELECT id FROM renamed; ANALYZE TABLE renamed;
  CREATE USER 'somebody'@'%'; GRANT SELECT ON any1.* TO 'somebody'@'%'`;

export const incident = 26;

/**
 * A statement that cannot be undone and is too long for the binary log: the server writes an incident instead, which is
 * to say that its replicas are not told what happened here. Everything behind it is a tail that nobody may apply blindly.
 */
export async function makeIncident(cluster: Cluster): Promise<void> {
  await cluster.sql('db1', 'SET GLOBAL max_binlog_stmt_cache_size=4096, binlog_stmt_cache_size=4096');
  const session = await openSession(cluster);
  const long = Array.from({ length: 40 }, (_, n) => `(${String(n)}, REPEAT('x', 199))`).join(', ');
  await session(`INSERT INTO any1.loose VALUES ${long}`).catch((error: unknown) => {
    if (!String(error instanceof Error ? error.cause : '').includes('stmt_cache_size')) throw error;
  });
}
