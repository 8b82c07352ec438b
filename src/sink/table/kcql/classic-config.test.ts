import { describe, expect, it } from 'vitest'
import { evaluateConfig, type Lint, sourceOf } from '../../../config/index.ts'
import { classicKcqlSinkConfig, parseClassicKcqlSink } from './classic-config.ts'

const KCQL = 'INSERT INTO orders SELECT id, created, customer AS name FROM orders-topic'
const BASE = {
  topics: 'orders-topic',
  'connect.cassandra.kcql': KCQL,
  'connect.cassandra.key.space': 'demo',
}
type Config = Readonly<Record<string, string>>
const isForeignKey = (key: string) => !/^(connect|scamander)\./.test(key)

function lints(config: Config): readonly Lint[] {
  return evaluateConfig(classicKcqlSinkConfig, sourceOf(config), { isForeignKey }).lints
}

function errors(config: Config): string[] {
  return lints(config)
    .filter(one => one.severity === 'error')
    .map(one => `${one.key}: ${one.message}`)
}

function plan(config: Config) {
  return parseClassicKcqlSink(sourceOf(config), { isForeignKey })
}

describe('classic KCQL sink configuration', () => {
  it('names the keyspace of the session for delete statements only', () => {
    const deletes = {
      'connect.cassandra.delete.enabled': 'true',
      'connect.cassandra.delete.statement': 'DELETE FROM orders WHERE id = ?',
    }
    const { settings } = plan({ ...BASE, ...deletes })
    expect(settings.connection.sessionKeyspace).toBe('demo')
  })

  it('refuses a TTL that Cassandra refuses, with its place', () => {
    const config = (ttl: number) => ({ ...BASE, 'connect.cassandra.kcql': `${KCQL} TTL=${ttl}` })
    expect(errors(config(630_720_000))).toEqual([])
    const [found] = errors(config(630_720_001))
    expect(found).toContain(`line 1:${KCQL.length + 2}: TTL: expected at most 630720000 seconds`)
  })

  it('has the defaults of the reference (checklist 1)', () => {
    const { settings, putRules } = plan(BASE)
    expect(lints(BASE)).toEqual([])
    expect(settings.connection.contactPoints).toEqual([{ host: 'localhost', port: 9042 }])
    expect(settings.connection).toMatchObject({
      localDc: '',
      requestTimeoutMs: 12_000,
      connectTimeoutMs: 5_000,
      maxConcurrentRequests: 500,
      sessionKeyspace: undefined,
    })
    expect([settings.auth, settings.ssl, settings.progress]).toEqual([
      { provider: 'None' },
      undefined,
      false,
    ])
    expect(settings.topics[0]?.tables[0]).toMatchObject({
      keyspace: 'demo',
      table: 'orders',
      consistency: 'LOCAL_ONE',
      ttlSeconds: -1,
      absentToUnset: false,
      selection: { delete: undefined, ignoreTombstones: false },
    })
    expect(putRules).toEqual({
      mapping: 'fail',
      driver: 'fail',
      attemptsMax: 0,
      coversOutages: true,
    })
  })

  it('gives the same plan for every generation of keys (checklist 9)', () => {
    const old = (key: string, ...others: (readonly [string, string])[]): Config => ({
      topics: 'orders-topic',
      'connect.cassandra.key.space': 'demo',
      [key]: KCQL,
      ...Object.fromEntries(others),
    })
    const retry: readonly [string, string] = ['connect.cassandra.error.policy', 'retry']
    const shown = (config: Config) => {
      const { settings, putRules } = plan(config)
      const tables = settings.topics.flatMap(topic => topic.tables)
      return JSON.stringify({ putRules, topics: tables.map(table => ({ ...table, origin: 0 })) })
    }
    const expected = shown(
      old('connect.cassandra.kcql', retry, ['connect.cassandra.max.retries', '5']),
    )
    expect(
      shown(
        old(
          'connect.cassandra.sink.kcql',
          ['connect.cassandra.sink.error.policy', 'RETRY'],
          ['connect.cassandra.max.retries', '5'],
        ),
      ),
    ).toBe(expected)
    expect(
      shown(
        old('connect.cassandra.export.route.query', retry, ['connect.cassandra.max.retires', '5']),
      ),
    ).toBe(expected)
  })

  it('names the modern spelling of old keys, and refuses two that differ', () => {
    const old = { 'connect.cassandra.export.route.query': KCQL }
    const { 'connect.cassandra.kcql': _, ...rest } = BASE
    expect(lints({ ...rest, ...old })).toMatchObject([
      {
        kind: 'deprecated',
        key: 'connect.cassandra.export.route.query',
        advice: 'Use "connect.cassandra.kcql" instead.',
      },
    ])
    expect(errors({ ...BASE, ...old })).toEqual([])
    const other = KCQL.replace('id,', '')
    expect(errors({ ...BASE, 'connect.cassandra.sink.kcql': other })[0]).toContain(
      'mean the same and are set to different values',
    )
  })

  it('tells every mistake in one report (checklist 1)', () => {
    const found = errors({
      topics: 'orders-topic',
      'connect.cassandra.kcql': 'INSERT INTO t SELECT * FORM orders-topic',
      'connect.cassandra.contact.points': 'host:9042',
      'connect.cassandra.port': 'x',
      'connect.cassandra.error.policy': 'STOP',
      'connect.cassandra.max.retries': '-2',
      'connect.cassandra.consistency.level': 'MANY',
      'connect.cassandra.delete.enabled': 'true',
      'connect.cassandra.ssl.enabled': 'maybe',
    })
    for (const [key, text] of [
      ['kcql', 'line 1:24: expected FROM'],
      ['contact.points', 'put the port into connect.cassandra.port'],
      ['port', 'Not a number of type INT'],
      ['error.policy', 'NOOP, THROW, RETRY'],
      ['max.retries', 'Value must be at least -1'],
      ['consistency.level', 'String must be empty or one of'],
      ['delete.statement', 'is required'],
      ['key.space', 'Missing required configuration'],
      ['ssl.enabled', 'either true or false'],
    ] as const) {
      expect(found.filter(one => one.startsWith(`connect.cassandra.${key}: `)).join()).toContain(
        text,
      )
    }
    expect(found).toHaveLength(9)
  })

  it.each([
    [{ topics: 'orders-topic,more' }, 'topics: The topic more has no KCQL statement'],
    [
      { topics: 'order-topic' },
      'the topic orders-topic is not in topics; did you mean order-topic?',
    ],
    [
      { 'connect.cassandra.kcql': 'SELECT * FROM orders-topic' },
      'a sink needs a table to write to',
    ],
    [
      { 'connect.cassandra.kcql': 'INSERT INTO t SELECT now() AS a FROM orders-topic' },
      'line 1:22: the function now() is not known to this sink',
    ],
    [
      { 'connect.cassandra.kcql': 'INSERT INTO t SELECT _key.a FROM orders-topic' },
      'nothing of the value is selected',
    ],
    [
      { 'connect.cassandra.kcql': 'INSERT INTO ks.t SELECT * FROM orders-topic' },
      'line 1:13: expected the name of a table, found ks.t',
    ],
  ])('refuses %j', (more, message) => {
    expect(errors({ ...BASE, ...more }).join('\n')).toContain(message)
  })

  it('warns of what has no effect, by name (checklist 2)', () => {
    const found = lints({
      ...BASE,
      'connect.cassandra.kcql': `${KCQL} AUTOCREATE BATCH=10 PK id`,
      'connect.cassandra.source.task.buffer.size': '10',
      'connect.cassandra.import.poll.interval': '10',
      'connect.cassandra.load.balancing.policy': 'round_robin',
      'connect.cassandra.default.value': 'NULL',
      'connect.cassandra.username': 'cassandra',
      'connect.cassandra.delete.statement': 'DELETE FROM t WHERE id = ?',
      'connect.cassandra.kqcl': 'x',
    })
    expect(found.filter(one => one.severity === 'error')).toEqual([])
    expect(found.map(one => one.key).sort()).toEqual([
      'connect.cassandra.default.value',
      'connect.cassandra.delete.statement',
      'connect.cassandra.import.poll.interval',
      'connect.cassandra.kcql',
      'connect.cassandra.kqcl',
      'connect.cassandra.load.balancing.policy',
      'connect.cassandra.source.task.buffer.size',
      'connect.cassandra.username',
    ])
    expect(found.find(one => one.key === 'connect.cassandra.kqcl')?.message).toContain(
      'did you mean "connect.cassandra.kcql"?',
    )
  })

  it('of two statements for one topic and table the last counts', () => {
    const kcql = `${KCQL};${KCQL.replace('id,', 'id, qty,')} TTL=7;INSERT INTO other SELECT * FROM orders-topic`
    const { settings } = plan({ ...BASE, 'connect.cassandra.kcql': kcql })
    expect(settings.topics).toHaveLength(1)
    expect(settings.topics[0]!.tables.map(({ table, ttlSeconds }) => [table, ttlSeconds])).toEqual([
      ['orders', 7],
      ['other', -1],
    ])
  })

  it('reads login, TLS, limits and writes', () => {
    const { settings, putRules } = plan({
      ...BASE,
      'connect.cassandra.contact.points': '10.0.0.1, 10.0.0.2',
      'connect.cassandra.port': '9999',
      'connect.cassandra.username': 'u',
      'connect.cassandra.password': ' p ',
      'connect.cassandra.ssl.enabled': 'true',
      'connect.cassandra.sink.threadpool.size': '8',
      'connect.cassandra.consistency.level': 'local_quorum',
      'connect.cassandra.default.value': 'UNSET',
      'connect.cassandra.error.policy': 'RETRY',
      'connect.cassandra.retry.interval': '250',
      'connect.cassandra.delete.enabled': 'true',
      'connect.cassandra.delete.statement': 'DELETE FROM orders WHERE id = ?',
      'connect.cassandra.delete.struct_flds': 'a.b, c',
      'connect.progress.enabled': 'true',
      'connect.cassandra.local.dc': 'dc1',
    })
    expect(settings.connection).toMatchObject({
      contactPoints: [
        { host: '10.0.0.1', port: 9999 },
        { host: '10.0.0.2', port: 9999 },
      ],
      maxConcurrentRequests: 8,
      localDc: 'dc1',
    })
    expect(settings.auth.provider === 'PLAIN' && settings.auth.password.reveal()).toBe('p')
    expect(settings.ssl).toMatchObject({ provider: 'JDK', hostnameValidation: false })
    expect(settings.progress).toBe(true)
    expect(settings.topics[0]!.tables[0]).toMatchObject({
      consistency: 'LOCAL_QUORUM',
      absentToUnset: true,
      nullToUnset: false,
      selection: { delete: { cql: 'DELETE FROM orders WHERE id = ?', fields: ['a.b', 'c'] } },
    })
    expect(putRules).toEqual({
      mapping: 'rewind',
      driver: 'rewind',
      attemptsMax: 21,
      retryIntervalMs: 250,
      coversOutages: true,
    })
  })
})
