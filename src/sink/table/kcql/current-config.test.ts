import { describe, expect, it } from 'vitest'
import { evaluateConfig, sourceOf } from '../../../config/index.ts'
import { kcqlSinkConfig, kcqlSinkProblems, parseKcqlSink } from './current-config.ts'

type Config = Readonly<Record<string, string>>
const isForeignKey = (key: string) => !/^(connect|scamander)\./.test(key)
const P = 'connect.cassandra.'

function config(kcql: string, more: Config = {}): Config {
  return { topics: 't', [`${P}kcql`]: kcql, ...more }
}

function plan(kcql: string, more: Config = {}) {
  return parseKcqlSink(sourceOf(config(kcql, more)), { isForeignKey })
}

function problems(kcql: string, more: Config = {}): string[] {
  const source = sourceOf(config(kcql, more))
  const { lints } = evaluateConfig(kcqlSinkConfig, source, { isForeignKey })
  return [...lints, ...kcqlSinkProblems(source)].map(
    one => `${one.severity} ${one.key}: ${one.message}`,
  )
}

const SIMPLE = 'INSERT INTO ks.t SELECT a FROM t'

describe('current KCQL sink configuration (10.7)', () => {
  it('has the defaults of the reference; milliseconds are milliseconds (D16)', () => {
    const { settings, putRules } = plan(SIMPLE)
    expect(problems(SIMPLE)).toEqual([])
    expect(settings.connection).toMatchObject({
      contactPoints: [{ host: 'localhost', port: 9042 }],
      localDc: '',
      maxConcurrentRequests: 100,
      poolLocalSize: 2,
      maxRecordsInBatch: 64,
      requestTimeoutMs: 20_000,
      compression: 'none',
    })
    expect(putRules).toMatchObject({ mapping: 'fail', driver: 'fail' })
  })

  it('maps columns of key, value and header, functions and pseudo-columns', () => {
    const kcql =
      'INSERT INTO Ks.T SELECT x AS c, _key.a.b AS d, _value AS v, _key AS k, _header.h AS h, ' +
      'now() AS n, life AS __ttl, plain, _value.y FROM t'
    const [table] = plan(kcql).settings.topics[0]!.tables
    expect([table?.keyspace, table?.table]).toEqual(['Ks', 'T'])
    expect(
      table?.mapping.entries.map(({ column, pseudo, source }) => [column, pseudo, source]),
    ).toEqual([
      ['c', undefined, { kind: 'value', field: 'x' }],
      ['d', undefined, { kind: 'key', field: 'a.b' }],
      ['v', undefined, { kind: 'value' }],
      ['k', undefined, { kind: 'key' }],
      ['h', undefined, { kind: 'header', field: 'h' }],
      ['n', undefined, { kind: 'now' }],
      ['__ttl', 'ttl', { kind: 'value', field: 'life' }],
      ['plain', undefined, { kind: 'value', field: 'plain' }],
      ['y', undefined, { kind: 'value', field: 'y' }],
    ])
  })

  it.each([
    ["'ttl'='abc'", 'expected a whole number for ttl, found abc'],
    ["'ttl'='630720001'", 'TTL: expected at most 630720000 seconds'],
  ])('tells the place of PROPERTIES(%s)', (property, message) => {
    const kcql = `${SIMPLE} PROPERTIES(${property})`
    const found = problems(kcql)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`line 1:${kcql.indexOf(property) + 1}: ${message}`)
  })

  it('leaves a TTL in another unit to the rules of the table', () => {
    expect(
      problems(`${SIMPLE} PROPERTIES('ttl'='700000000', 'ttlTimeUnit'='MILLISECONDS')`),
    ).toEqual([])
  })

  it('reads properties of table and topic, and TTL', () => {
    const { topics } = plan(
      "INSERT INTO ks.t SELECT *, a AS b FROM t IGNORE c PROPERTIES('consistencyLevel'='quorum', " +
        "'nullToUnset'='false', 'deletesEnabled'='false', 'ttlTimeUnit'='HOURS', 'codec.timeZone'='CET') TTL=2",
    ).settings
    expect(topics[0]!.codec.timeZone).toBe('CET')
    expect(topics[0]!.tables[0]).toMatchObject({
      consistency: 'QUORUM',
      ttlSeconds: 7200,
      nullToUnset: false,
      deletesEnabled: false,
      mapsRest: { except: ['c'] },
    })
    const all = plan('INSERT INTO ks.t SELECT * FROM t').settings.topics[0]!.tables[0]
    expect([all?.mapping.entries, all?.mapsRest]).toEqual([[], { except: [] }])
  })

  it.each<[string, string[]]>([
    ['a, b FROM t IGNORE b', ['a']],
    ['a, b AS c FROM t IGNORE b', ['a']],
    ['a, b AS c FROM t IGNORE c', ['a']],
    ['a AS b, b AS a FROM t IGNORE a', ['a']],
    ['a, _key.b, _value.b AS c FROM t IGNORE _key.b', ['a', 'c']],
    ['a, b.c FROM t IGNORE _value.b.c', ['a']],
    ['a, now() AS n FROM t IGNORE n', ['a']],
  ])('leaves out what is ignored: %s', (select, columns) => {
    const kcql = `INSERT INTO ks.t SELECT ${select}`
    const [table] = plan(kcql).settings.topics[0]!.tables
    expect(table?.mapping.entries.map(({ column }) => column)).toEqual(columns)
    expect(problems(kcql)).toEqual([])
  })

  it('leaves out named fields beside *, too', () => {
    const [table] = plan('INSERT INTO ks.t SELECT *, a AS b FROM t IGNORE a').settings.topics[0]!
      .tables
    expect(table).toMatchObject({ mapping: { entries: [] }, mapsRest: { except: ['a'] } })
  })

  it('tells an IGNORE without effect, and one that leaves nothing', () => {
    const kcql = 'INSERT INTO ks.t SELECT a FROM t IGNORE b'
    expect(problems(kcql)).toEqual([
      expect.stringMatching(/^warning .* line 1:41: IGNORE b has no effect: it is not selected/),
    ])
    expect(plan(kcql).settings.topics[0]!.tables[0]?.mapping.entries).toHaveLength(1)
    expect(problems('INSERT INTO ks.t SELECT a FROM t IGNORE a')).toEqual([
      expect.stringMatching(/^error .* line 1:1: every column is ignored/),
    ])
  })

  it('tells two statements of a topic with different codecs, at the second', () => {
    const statement = (table: string, properties: string) =>
      `INSERT INTO ks.${table} SELECT a FROM t PROPERTIES(${properties})`
    const first = statement('t', "'codec.timeZone'='CET', 'ttl'='1'")
    const second = statement('u', "'codec.timeZone'='UTC', 'ttl'='2'")
    const column = first.length + 2 + second.indexOf("'codec")
    expect(problems(`${first};${second}`)).toEqual([
      expect.stringContaining(
        `line 1:${column}: another statement of the topic t sets codec.timeZone to another value`,
      ),
    ])
    expect(problems(`${first};${statement('u', "'codec.timeZone'='CET'")}`)).toEqual([])
  })

  it('passes the rest of the keys on', () => {
    const { settings, putRules } = plan(SIMPLE, {
      [`${P}auth.username`]: 'u',
      [`${P}auth.password`]: 'p',
      [`${P}ssl.enabled`]: 'true',
      [`${P}ssl.hostname.verification`]: 'false',
      [`${P}compression`]: 'LZ4',
      [`${P}query.timeout.ms`]: '1500',
      [`${P}driver.advanced.heartbeat.interval`]: '7 seconds',
      [`${P}driver.basic.request.timeout`]: '9 seconds',
      [`${P}error.policy`]: 'NOOP',
      [`${P}ignore.errors.mode`]: 'driver',
      'scamander.compat.D4': 'reference',
    })
    expect(settings.auth).toMatchObject({ provider: 'PLAIN', username: 'u' })
    expect(settings.ssl).toMatchObject({ provider: 'JDK', hostnameValidation: false })
    expect(settings.connection).toMatchObject({
      compression: 'lz4',
      requestTimeoutMs: 1500,
      heartbeatIntervalMs: 7000,
    })
    expect([...settings.referenceBehaviour]).toEqual(['D4'])
    expect(putRules).toMatchObject({ mapping: 'skip', driver: 'skip' })
    const byDriver = { [`${P}driver.basic.request.timeout`]: '9 seconds' }
    expect(plan(SIMPLE, byDriver).settings.connection.requestTimeoutMs).toBe(9000)
  })

  it('ignored failures are skipped under THROW (D17)', () => {
    const mode = (value: string) => plan(SIMPLE, { [`${P}ignore.errors.mode`]: value }).putRules
    expect(mode('all')).toMatchObject({ mapping: 'skip', driver: 'skip' })
    expect(mode('driver')).toMatchObject({ mapping: 'fail', driver: 'skip' })
  })

  it.each<[string, Config, string]>([
    [
      'INSERT INTO t SELECT a FROM t',
      {},
      'line 1:13: expected <keyspace>.<table> after INTO, found t',
    ],
    ['INSERT INTO ks.t.x SELECT a FROM t', {}, 'found ks.t.x'],
    ['INSERT INTO ks.`a-b` SELECT a FROM t', {}, 'found ks.a-b'],
    ['INSERT INTO ks.t SELECT _header FROM t', {}, 'the name of a header'],
    ['INSERT INTO ks.t SELECT _key FROM t', {}, 'line 1:25: _key needs AS <column>'],
    ['INSERT INTO ks.t SELECT now() FROM t', {}, 'now() needs AS'],
    [
      "INSERT INTO ks.t SELECT a FROM t PROPERTIES('mapping'='x')",
      {},
      'property mapping is not known',
    ],
    [
      "INSERT INTO ks.t SELECT a FROM t PROPERTIES('ttl'='soon')",
      {},
      'expected a whole number for ttl, found soon',
    ],
    ["INSERT INTO ks.t SELECT a FROM t PROPERTIES('codec.unit'='EONS')", {}, 'NANOSECONDS'],
    ["INSERT INTO ks.t SELECT a FROM t PROPERTIES('query'='INSERT')", {}, 'deletesEnabled=false'],
    ['INSERT INTO ks.t SELECT a AS b, c AS b FROM t', {}, 'mapped more than once'],
    [SIMPLE, { [`${P}auth.password`]: 'secret' }, 'auth.password is given without auth.username'],
    [SIMPLE, { [`${P}ssl.provider`]: 'JDK' }, 'connect.cassandra.ssl.enabled is false'],
    [`${SIMPLE} WITHSTRUCTURE`, {}, 'WITHSTRUCTURE has no effect'],
    [SIMPLE, { topics: 't,u' }, 'The topic u has no KCQL statement'],
    [SIMPLE, { [`${P}driver.basic.nothing`]: '1' }, 'basic.nothing'],
  ])('%s %j is told', (kcql, more, message) => {
    const found = problems(kcql, more)
    expect(found.join('\n')).toContain(message)
    expect(found.join('\n')).not.toContain('secret')
    for (const one of found) expect(one).toMatch(/^(error|warning) (connect\.cassandra\.|topics)/)
  })
})
