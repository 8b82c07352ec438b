import { describe, expect, it } from 'vitest'
import { classify } from './classify.ts'
import { classOf } from './statement-info.ts'

describe('kind and class', () => {
  it.each([
    ['SELECT * FROM ks.t', 'read', 'ks', 't'],
    ['select now() from Ks."T"', 'read', 'ks', 'T'],
    ['/* INSERT */ -- x\n// y\n select a from t', 'read', undefined, 't'],
    ['SELECT * FROM system.local', 'local', 'system', 'local'],
    ['SELECT * FROM system.peers_v2', 'local', 'system', 'peers_v2'],
    ['SELECT "from" FROM "system".peers', 'local', 'system', 'peers'],
    ['SELECT count(*) FROM system_schema.tables', 'system', 'system_schema', 'tables'],
    ['INSERT INTO ks.t (a) VALUES (1)', 'write', 'ks', 't'],
    ['insert\tinto "K s"."t""x" json ?', 'write', 'K s', 't"x'],
    ['UPDATE ks.t USING TTL 5 SET a = 1 WHERE k = 1', 'write', 'ks', 't'],
    ['DELETE a, b FROM ks.t WHERE k = 1', 'write', 'ks', 't'],
    ['BEGIN UNLOGGED BATCH INSERT INTO ks.t (a) VALUES (1) APPLY BATCH', 'write', 'ks', 't'],
    ['TRUNCATE ks.t', 'write', 'ks', 't'],
    ['TRUNCATE TABLE t', 'write', undefined, 't'],
    ['USE "Ks"', 'use', 'Ks', undefined],
    ['LIST ROLES', 'source-read', undefined, undefined],
    ['DESC KEYSPACES', 'source-read', undefined, undefined],
    ['CREATE TABLE t (k int PRIMARY KEY)', 'schema', undefined, undefined],
    ['GRANT SELECT ON t TO r', 'schema', undefined, undefined],
    ['', 'unknown', undefined, undefined],
    ['$$', 'unknown', undefined, undefined],
    ["'SELECT'", 'unknown', undefined, undefined],
  ])('%s', (text, expected, keyspace, table) => {
    const info = classify(text)
    expect(classOf(info, undefined)).toBe(expected)
    expect([info.keyspace, info.table]).toEqual([keyspace, table])
  })

  it('resolves unqualified tables with the keyspace of the connection', () => {
    expect(classOf(classify('SELECT * FROM local'), 'system')).toBe('local')
    expect(classOf(classify('SELECT * FROM local'), 'ks')).toBe('read')
  })
})

describe('conditions and replay', () => {
  it.each([
    ['INSERT INTO t (a) VALUES (1) IF NOT EXISTS', 'conditional'],
    ["INSERT INTO t (a) VALUES ('IF')", undefined],
    ['UPDATE t SET "IF" = 1 WHERE k = 1', undefined],
    ['UPDATE t SET c = c + 1 WHERE k = 1', 'counter'],
    ['UPDATE t SET c += 1 WHERE k = 1', 'counter'],
    ["UPDATE t SET l = l + ['a'] WHERE k = 1", 'increment'],
    ["UPDATE t SET l = ['a'] + l WHERE k = 1", 'increment'],
    ["UPDATE t SET s = s + {'a'} WHERE k = 1", undefined],
    ["UPDATE t SET m['a'] = 1 WHERE k = 1", undefined],
    ['UPDATE t SET l[0] = 1 WHERE k = 1', 'increment'],
    ['DELETE l[0] FROM t WHERE k = 1', 'increment'],
    ['BEGIN COUNTER BATCH UPDATE t SET c = c + 1 WHERE k = 1 APPLY BATCH', 'counter'],
    ['TRUNCATE t', 'truncate'],
    ['UPDATE t SET a = -5 WHERE k = 1', undefined],
  ])('%s', (text, obstacle) => {
    expect(classify(text).obstacle).toBe(obstacle)
  })

  it('leaves increments by variables to their types', () => {
    expect(classify('UPDATE t SET s = s + ? WHERE k = ?').incrementedColumns).toEqual(['s'])
  })
})

describe('functions of the coordinator', () => {
  const found = (text: string) =>
    classify(text).functions.map(call => [text.slice(call.start, call.end), call.markersBefore])

  it.each([
    ['INSERT INTO t (a) VALUES (now())', [['now()', 0]]],
    ['INSERT INTO t (now, uuid) VALUES (?, uuid ( ))', [['uuid ( )', 1]]],
    ["INSERT INTO t (a) VALUES ('now()')", []],
    ['INSERT INTO t (a) VALUES ($$now()$$) /* uuid() */ -- now()', []],
    ['INSERT INTO t (a) VALUES ("now"())', []],
    [
      'INSERT INTO t (a, b) VALUES (toTimestamp(NOW()), system.now())',
      [
        ['NOW()', 0],
        ['system.now()', 0],
      ],
    ],
    [
      'UPDATE t SET a = currentTimestamp(), b = ?, c = current_date() WHERE k = ?',
      [
        ['currentTimestamp()', 0],
        ['current_date()', 1],
      ],
    ],
    ['DELETE FROM t WHERE k = ? AND c < now()', [['now()', 1]]],
    [
      'BEGIN BATCH INSERT INTO t (a) VALUES (now()); DELETE FROM t WHERE k = uuid() APPLY BATCH',
      [
        ['now()', 0],
        ['uuid()', 0],
      ],
    ],
    ['SELECT now() FROM t', []],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    ['INSERT INTO t (a) VALUES (:a)', true],
    ["UPDATE t SET m = {'a':b} WHERE k = ?", false],
    ["UPDATE t SET m = {'a'::b} WHERE k = 1", true],
    ['UPDATE t SET m = ? WHERE k = :"K"', true],
  ])('named markers in %s: %s', (text, expected) => {
    expect(classify(text).hasNamedMarkers).toBe(expected)
  })
})
