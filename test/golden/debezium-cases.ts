/**
 * Statements of which the change events of Debezium's connector for Cassandra are kept, in
 * debezium-records.json; run again they must give the same in the format `debezium`.
 * Used by scripts/golden/make-debezium-records.ts and by capture-formats.it.ts.
 * Invariant: every statement has a time of its own, so that runs are alike.
 */
export const DEBEZIUM_KEYSPACE = 'golden_bezium'
/** The logical name, `topic.prefix` there. */
export const DEBEZIUM_PREFIX = 'bezium'
export const DEBEZIUM_TABLES = ['every', 'plain', 'ranges'] as const

export const DEBEZIUM_DDL = [
  'CREATE TYPE pair (x int, y text)',
  `CREATE TABLE every (p int, c text, a ascii, t text, ti tinyint, sm smallint, i int, b bigint,
    vi varint, f float, d double, dc decimal, bo boolean, bl blob, u uuid, tu timeuuid,
    ts timestamp, da date, tm time, l list<int>, st set<text>, m map<text, int>,
    fl frozen<list<int>>, fm frozen<map<text, int>>, tup tuple<int, text>, ud frozen<pair>,
    PRIMARY KEY (p, c)) WITH cdc = true`,
  'CREATE TABLE plain (k text PRIMARY KEY, v text) WITH cdc = true',
  `CREATE TABLE ranges (p int, x int, y text, v text, PRIMARY KEY (p, x, y))
    WITH CLUSTERING ORDER BY (x DESC, y ASC) AND cdc = true`,
]

const FIRST_MICROS = 1_700_000_000_000_000
/** After all of them: what is later is of the run. */
export const DEBEZIUM_MICROS_MAX = FIRST_MICROS + 1_000_000
const at = (n: number) => `USING TIMESTAMP ${FIRST_MICROS + n * 1000}`

export const DEBEZIUM_STATEMENTS = [
  `INSERT INTO every (p, c, a, t, ti, sm, i, b, vi, f, d, dc, bo, bl, u, tu, ts, da, tm, l, st, m, fl,
    fm, tup, ud) VALUES (1, 'a', 'asc', 'täxt', 1, 2, 3, 4, 5, 1.5, 2.5, 12.50, true, 0x00ff,
    11111111-2222-4333-8444-555555555555, 50554d6e-29bb-11e5-b345-feff819cdc9f,
    '2023-11-14T22:13:20.123Z', '2024-02-29', '08:12:54.123456789', [1, 2], {'x', 'y'}, {'k': 1},
    [3, 4], {'z': 9}, (7, 'seven'), {x: 1, y: 'b'}) ${at(1)}`,
  `INSERT INTO every (p, c) VALUES (1, 'b') ${at(2)}`,
  `INSERT INTO every (p, c, t) VALUES (1, 'c', 'short') ${at(3)} AND TTL 100000`,
  `UPDATE every ${at(4)} SET t = null, i = 5 WHERE p = 1 AND c = 'a'`,
  `DELETE d, fl FROM every ${at(5)} WHERE p = 1 AND c = 'a'`,
  `DELETE FROM every ${at(6)} WHERE p = 1 AND c = 'b'`,
  `DELETE FROM every ${at(7)} WHERE p = 1 AND c > 'a' AND c <= 'x'`,
  `DELETE FROM every ${at(8)} WHERE p = 1`,
  `INSERT INTO plain (k, v) VALUES ('one', 'v') ${at(9)}`,
  `DELETE FROM plain ${at(10)} WHERE k = 'one'`,
  `INSERT INTO ranges (p, x, y, v) VALUES (1, 2, 'y', 'v') ${at(11)}`,
  `DELETE FROM ranges ${at(12)} WHERE p = 1 AND x = 5`,
  `DELETE FROM ranges ${at(13)} WHERE p = 1 AND x = 5 AND y > 'b' AND y <= 'd'`,
  `DELETE FROM ranges ${at(14)} WHERE p = 1 AND x >= 3 AND x < 9`,
]
