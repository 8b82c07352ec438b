import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../../../config/index.ts'
import { convertSinkConfig } from './convert-sink-config.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: a reference to a secret
const REFERENCE = '${file:/secrets:p}'
type Config = Readonly<Record<string, string>>
const CLASSIC = 'com.datamountaineer.streamreactor.connect.cassandra.sink.CassandraSinkConnector'
const CURRENT = 'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector'
const DATASTAX = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'

function convert(className: string, config: Config, to: 'datastax' | 'kcql') {
  const converted = convertSinkConfig(sourceOf(config), className, to)!
  const { remarks } = converted
  return {
    className: converted.className,
    entries: Object.fromEntries(converted.entries),
    lost: remarks.filter(one => one.kind === 'lost').map(one => `${one.key}: ${one.text}`),
    unused: Object.keys(config).filter(key => !converted.used.has(key)),
  }
}

const ORDERS = {
  name: 'n',
  topics: 't-1',
  'connect.cassandra.export.route.query':
    'INSERT INTO Orders SELECT id, a.b AS `"Name"` FROM t-1 TTL=60',
  'connect.cassandra.contact.points': 'h1,h2',
  'connect.cassandra.port': '9999',
  'connect.cassandra.key.space': 'ks',
  'connect.cassandra.username': 'u',
  'connect.cassandra.password': REFERENCE,
  'connect.cassandra.consistency.level': 'quorum',
  'connect.cassandra.error.policy': 'RETRY',
  'connect.cassandra.max.retires': '3',
}

describe('convertSinkConfig', () => {
  it('classic to DataStax', () => {
    const { className, entries, lost, unused } = convert(CLASSIC, ORDERS, 'datastax')
    expect([className, lost, unused]).toEqual([DATASTAX, [], ['name', 'topics']])
    expect(entries).toEqual({
      contactPoints: 'h1,h2',
      port: '9999',
      'loadBalancing.localDc': 'datacenter1',
      'auth.username': 'u',
      'auth.password': REFERENCE,
      'datastax-java-driver.basic.request.timeout': '12000 milliseconds',
      'datastax-java-driver.advanced.connection.connect-timeout': '5000 milliseconds',
      'scamander.errors.max.attempts': '4',
      'topic.t-1.ks.orders.mapping': 'id=value.id, Name=value.a.b',
      'topic.t-1.ks.orders.consistencyLevel': 'QUORUM',
      'topic.t-1.ks.orders.ttl': '60',
      'topic.t-1.ks.orders.nullToUnset': 'false',
      'topic.t-1.ks.orders.allowMissingFields': 'true',
      'topic.t-1.ks.orders.deletesEnabled': 'false',
    })
  })

  it('classic to the current KCQL sink', () => {
    const { className, entries, lost } = convert(CLASSIC, ORDERS, 'kcql')
    expect([className, lost]).toEqual([CURRENT, []])
    expect(entries).toMatchObject({
      'connect.cassandra.kcql':
        "INSERT INTO ks.orders SELECT id, a.b AS Name FROM t-1 PROPERTIES('consistencyLevel'='QUORUM', " +
        "'ttl'='60', 'nullToUnset'='false', 'allowMissingFields'='true', 'deletesEnabled'='false')",
      'connect.cassandra.contact.points': 'h1,h2',
      'connect.cassandra.auth.password': REFERENCE,
      'connect.cassandra.error.policy': 'RETRY',
      'connect.cassandra.max.retries': '3',
      'connect.cassandra.driver.basic.request.timeout': '12000 milliseconds',
    })
  })

  it('tells what has no equivalent', () => {
    const kcql = 'INSERT INTO t SELECT *, a.* FROM t WITHSTRUCTURE'
    const { lost } = convert(
      CLASSIC,
      {
        'connect.cassandra.kcql': kcql,
        'connect.cassandra.delete.enabled': 'true',
        'connect.progress.enabled': 'true',
      },
      'datastax',
    )
    expect(lost.map(one => one.split(':')[0])).toEqual([
      'connect.cassandra.delete.statement',
      'connect.cassandra.kcql line 1',
      'connect.cassandra.kcql line 1',
      'connect.cassandra.kcql line 1',
      'connect.progress.enabled',
    ])
  })

  const USERS = {
    contactPoints: 'h1',
    'loadBalancing.localDc': 'dc1',
    queryExecutionTimeout: '7',
    ignoreErrors: 'Driver',
    'auth.username': 'u',
    'auth.password': 'p',
    'ssl.provider': 'JDK',
    'datastax-java-driver.advanced.heartbeat.interval': '7 seconds',
    'topic.users.ks.t.mapping':
      'id=key, "My Name"=value.name, h=header.x, seen=now(), __ttl=value.life, a=value._key, age=value.age',
    'topic.users.ks.t.ttlTimeUnit': 'HOURS',
    'topic.users.ks.u.mapping': 'id=key.id, all=value',
    'topic.users.codec.timeZone': 'CET',
  }

  it('DataStax to KCQL and back gives the same tables', () => {
    const there = convert(DATASTAX, USERS, 'kcql')
    expect([there.className, there.lost, there.unused]).toEqual([CURRENT, [], []])
    expect(there.entries['connect.cassandra.kcql']).toBe(
      'INSERT INTO ks.t SELECT _key AS id, name AS `My Name`, _header.x AS h, now() AS seen, ' +
        'life AS __ttl, _value._key AS a, age FROM users ' +
        "PROPERTIES('ttlTimeUnit'='HOURS', 'codec.timeZone'='CET'); " +
        'INSERT INTO ks.u SELECT _key.id, _value AS all FROM users',
    )
    expect(there.entries).toMatchObject({
      'connect.cassandra.query.timeout.ms': '7000',
      'connect.cassandra.max.concurrent.requests': '500',
      'connect.cassandra.ssl.enabled': 'true',
      'connect.cassandra.ssl.provider': 'JDK',
      'connect.cassandra.ignore.errors.mode': 'driver',
      'connect.cassandra.error.policy': 'RETRY',
      'connect.cassandra.max.retries': '-1',
      'connect.cassandra.driver.advanced.heartbeat.interval': '7 seconds',
    })
    const back = convert(CURRENT, there.entries, 'datastax')
    expect([back.lost, back.unused]).toEqual([[], []])
    expect(back.entries).toMatchObject({
      contactPoints: 'h1',
      'loadBalancing.localDc': 'dc1',
      'ssl.provider': 'JDK',
      'topic.users.ks.t.ttlTimeUnit': 'HOURS',
      'topic.users.codec.timeZone': 'CET',
      'topic.users.ks.u.mapping': '"id"="key.id", "all"="value"',
      'datastax-java-driver.basic.request.timeout': '7000 milliseconds',
    })
  })

  it('names that KCQL cannot write are lost, not changed', () => {
    const { lost, entries } = convert(
      DATASTAX,
      {
        'topic.t.ks.my-table.mapping': 'a=value.a',
        'topic.t.ks.t.mapping': 'a=value.a, "__ttl"=value.b',
        'topics.regex': 't.*',
        jmx: 'true',
      },
      'kcql',
    )
    expect(lost.map(one => one.split(':')[0])).toEqual([
      'topic.t.ks.my-table',
      'topic.t.ks.t.mapping',
      'jmx',
      'topics.regex',
    ])
    expect(entries['connect.cassandra.kcql']).toBe('INSERT INTO ks.t SELECT a FROM t')
  })

  it('leaves a configuration of the wanted dialect alone', () => {
    expect(convert(CURRENT, { a: 'b' }, 'kcql').entries).toEqual({ a: 'b' })
    expect(convert(DATASTAX, { a: 'b' }, 'datastax').entries).toEqual({ a: 'b' })
    expect(convertSinkConfig(sourceOf({}), 'org.example.Other', 'kcql')).toBeUndefined()
  })
})
