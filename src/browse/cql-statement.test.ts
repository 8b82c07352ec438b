import { expect, it } from 'vitest'
import { readCqlStatement } from './cql-statement.ts'

it.each([
  ['SELECT * FROM ks.t', 'read', 'SELECT', ''],
  ['-- why\n/* x; */ select 1;;', 'read', 'SELECT', ''],
  ['DESCRIBE TABLE ks.t', 'read', 'DESCRIBE', ''],
  ["INSERT INTO ks.t (k) VALUES ('a; DELETE')", 'write', 'INSERT', 'ks.t'],
  ['UPDATE ks.t SET v = 1 WHERE k = 2', 'write', 'UPDATE', 'ks.t'],
  ['DELETE v FROM ks.t WHERE k = 1', 'delete', 'DELETE', 'ks.t'],
  ['DELETE FROM "Ks"."My ""T" WHERE k = 1', 'delete', 'DELETE', 'Ks.My "T'],
  ['TRUNCATE KS.T', 'delete', 'TRUNCATE', 'ks.t'],
  ['TRUNCATE TABLE ks.t', 'delete', 'TRUNCATE', 'ks.t'],
  ['DROP TABLE IF EXISTS ks.t', 'delete', 'DROP TABLE', 'ks.t'],
  ['DROP KEYSPACE ks', 'delete', 'DROP KEYSPACE', 'ks'],
  ['ALTER TABLE ks.t DROP v', 'delete', 'ALTER TABLE', 'ks.t'],
  ['ALTER TABLE ks.t ADD v int', 'write', 'ALTER TABLE', 'ks.t'],
  ['CREATE TABLE IF NOT EXISTS ks.t (k int PRIMARY KEY)', 'write', 'CREATE TABLE', 'ks.t'],
  ['BEGIN BATCH INSERT INTO ks.t (k) VALUES (1); APPLY BATCH;', 'write', 'BEGIN', 'ks.t'],
  ['BEGIN BATCH DELETE FROM ks.t WHERE k = 1; APPLY BATCH', 'delete', 'BEGIN', 'ks.t'],
  [
    'BEGIN BATCH INSERT INTO a.b (k) VALUES (1); DELETE FROM c.d WHERE k = 1; APPLY BATCH',
    ...(['delete', 'BEGIN', 'c.d'] as const),
  ],
  ['-- x\rDELETE FROM ks.t WHERE k = 1 /*\nSELECT 1 -- */', 'delete', 'DELETE', 'ks.t'],
  ['nonsense', 'write', 'NONSENSE', ''],
] as const)('%s is a %s', (cql, kind, verb, object) => {
  expect(readCqlStatement(cql)).toMatchObject({ kind, verb, object })
})

it('leaves the semicolon out of what is sent', () => {
  expect(readCqlStatement(' SELECT 1 ; \n').text).toBe('SELECT 1')
})

it('sends no comment, and keeps what only looks like one', () => {
  const cql =
    '-- a\nSELECT /* b */ v -- c\rFROM ks.t // d\nWHERE k = \'--\' AND "/*" = $$//$$; -- e'
  const { text } = readCqlStatement(cql)
  expect(text.replace(/\s+/g, ' ')).toBe('SELECT v FROM ks.t WHERE k = \'--\' AND "/*" = $$//$$')
})

it.each(['', ' ; ', 'SELECT 1; SELECT 2', 'USE ks', `SELECT '${'x'.repeat(70_000)}'`])(
  'refuses %s',
  cql => {
    expect(() => readCqlStatement(cql)).toThrow(/expected|USE/)
  },
)
