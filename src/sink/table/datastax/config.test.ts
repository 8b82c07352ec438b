import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  formatLint,
  type Lint,
  readJsonConfig,
  readProperties,
  sourceOf,
  validateConfig,
} from '../../../config/index.ts'
import { datastaxSinkConfig, parseDatastaxSink } from './config.ts'

const MINIMAL = { 'topic.t.ks.tbl.mapping': 'id=key' }
const DRIVER = 'datastax-java-driver.'

function parse(config: Record<string, string>) {
  return parseDatastaxSink(sourceOf({ ...MINIMAL, ...config }))
}

function problemsOf(config: Record<string, string>): readonly Lint[] {
  try {
    parse(config)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const messagesOf = (config: Record<string, string>) => problemsOf(config).map(one => one.message)

describe('defaults', () => {
  it('are those of the reference', () => {
    const { settings, warnings, notes } = parse({})
    expect(warnings).toEqual([])
    expect(notes).toEqual([])
    expect(settings).toMatchObject({
      connection: {
        contactPoints: [{ host: '127.0.0.1', port: 9042 }],
        localDc: '',
        maxConcurrentRequests: 500,
        maxRecordsInBatch: 32,
        requestTimeoutMs: 30_000,
        poolLocalSize: 4,
        poolRemoteSize: 1,
        compression: 'none',
        protocolVersion: undefined,
        connectTimeoutMs: 5000,
        maxRequestsPerConnection: 1024,
        heartbeatIntervalMs: 30_000,
        reconnectBaseMs: 1000,
        reconnectMaxMs: 60_000,
        driver: { consistency: 'LOCAL_ONE', serialConsistency: 'SERIAL', pageSize: 5000 },
      },
      auth: { provider: 'None' },
      ssl: undefined,
      cloud: undefined,
      ignoreErrors: 'none',
      jmx: {
        enabled: true,
        domain: 'com.datastax.oss.kafka.sink',
        highestLatencySeconds: 35,
        sessionMetrics: ['cql-requests', 'cql-client-timeouts'],
      },
      batchBy: 'replica-set',
      errorAttemptsMax: 0,
    })
    expect(settings.topics).toEqual([
      {
        topic: 't',
        codec: {
          locale: 'en_US',
          timeZone: 'UTC',
          timestamp: 'CQL_TIMESTAMP',
          date: 'ISO_LOCAL_DATE',
          time: 'ISO_LOCAL_TIME',
          unit: 'MILLISECONDS',
        },
        tables: [
          {
            topic: 't',
            keyspace: 'ks',
            table: 'tbl',
            mapping: { entries: [{ column: 'id', quoted: false, source: { kind: 'key' } }] },
            consistency: 'LOCAL_ONE',
            ttlSeconds: -1,
            ttlTimeUnit: 'SECONDS',
            timestampTimeUnit: 'MICROSECONDS',
            nullToUnset: true,
            deletesEnabled: true,
            query: undefined,
            allowMissingFields: false,
          },
        ],
      },
    ])
  })
})

const INT_KEYS = [
  'port',
  'maxConcurrentRequests',
  'maxNumberOfRecordsInBatch',
  'queryExecutionTimeout',
  'connectionPoolLocalSize',
  'metricsHighestLatency',
  `${DRIVER}basic.request.page-size`,
  `${DRIVER}advanced.connection.max-requests-per-connection`,
  `${DRIVER}advanced.connection.pool.remote.size`,
  `${DRIVER}advanced.connection.pool.local.size`,
]
const BOOLEAN_KEYS = [
  'jmx',
  'ssl.hostnameValidation',
  'scamander.compat.strict',
  'topic.t.ks.tbl.nullToUnset',
  'topic.t.ks.tbl.deletesEnabled',
  'topic.t.ks.tbl.allowMissingFields',
  `${DRIVER}basic.request.default-idempotence`,
  `${DRIVER}advanced.metadata.schema.enabled`,
]
const DURATION_KEYS = [
  'basic.request.timeout',
  'advanced.connection.connect-timeout',
  'advanced.connection.init-query-timeout',
  'advanced.heartbeat.interval',
  'advanced.heartbeat.timeout',
  'advanced.reconnection-policy.base-delay',
  'advanced.metadata.schema.request-timeout',
  'advanced.metrics.session.cql-requests.highest-latency',
]

describe('single values', () => {
  it.each(INT_KEYS)('%s: type and range', key => {
    expect(messagesOf({ [key]: 'many' })).toEqual([
      `Invalid value many for configuration ${key}: Not a number of type INT`,
    ])
    expect(messagesOf({ [key]: '0' })).toEqual([
      `Invalid value 0 for configuration ${key}: Value must be at least 1`,
    ])
    expect(messagesOf({ [key]: ' 7 ' })).toEqual([])
  })

  it.each(BOOLEAN_KEYS)('%s: boolean', key => {
    expect(messagesOf({ [key]: 'yes' })).toEqual([
      `Invalid value yes for configuration ${key}: Expected value to be either true or false`,
    ])
    expect(messagesOf({ [key]: 'FALSE' })).toEqual([])
  })

  it.each(DURATION_KEYS)('%s: duration', path => {
    expect(messagesOf({ [DRIVER + path]: 'soon' })).toEqual([
      `Invalid value soon for configuration ${DRIVER}${path}: Not a duration`,
    ])
    expect(messagesOf({ [DRIVER + path]: '10 seconds' })).toEqual([])
  })

  it.each([
    ['compression', 'zip', 'String must be one of (case insensitive): None, LZ4, Snappy'],
    ['ignoreErrors', 'some', 'String must be one of (case insensitive): None, All, Driver'],
    ['auth.provider', 'plain', 'String must be one of: None, PLAIN, GSSAPI'],
    ['ssl.provider', 'jdk', 'String must be one of: None, JDK, OpenSSL'],
    ['scamander.batch.by', 'row', 'String must be one of: partition, replica-set'],
    ['scamander.errors.max.attempts', '-1', 'Value must be at least 0'],
    ['scamander.compat.D1', 'old', 'String must be one of: reference, fixed'],
    ['topic.t.ks.tbl.ttl', '-2', 'Value must be at least -1'],
    [
      'topic.t.ks.tbl.ttlTimeUnit',
      'seconds',
      'String must be one of: NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS',
    ],
    [
      'topic.t.ks.tbl.timestampTimeUnit',
      'WEEKS',
      'String must be one of: NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS',
    ],
    [
      'topic.t.ks.tbl.consistencyLevel',
      'MOST',
      'String must be one of: ANY, ONE, TWO, THREE, QUORUM, ALL, LOCAL_ONE, LOCAL_QUORUM, EACH_QUORUM, SERIAL, LOCAL_SERIAL',
    ],
    [
      `${DRIVER}basic.request.serial-consistency`,
      'ONE',
      'String must be one of: SERIAL, LOCAL_SERIAL',
    ],
    [`${DRIVER}advanced.protocol.version`, 'V9', 'String must be one of: V3, V4, V5'],
    [`${DRIVER}advanced.protocol.max-frame-length`, 'big', 'Not a size'],
  ])('%s=%s is refused', (key, value, tail) => {
    expect(messagesOf({ [key]: value })).toEqual([
      `Invalid value ${value} for configuration ${key}: ${tail}`,
    ])
  })

  it('accepts any case where the reference does', () => {
    expect(parse({ compression: 'SNAPPY' }).settings.connection.compression).toBe('snappy')
    expect(parse({ ignoreErrors: 'dRIVER' }).settings.ignoreErrors).toBe('driver')
    const { settings } = parse({ 'topic.t.ks.tbl.consistencyLevel': 'each_quorum' })
    expect(settings.topics[0]?.tables[0]?.consistency).toBe('EACH_QUORUM')
  })

  it.each([
    ['true', 'driver'],
    ['FALSE', 'none'],
  ])('ignoreErrors=%s is deprecated', (value, expected) => {
    const { settings, warnings } = parse({ ignoreErrors: value })
    expect(settings.ignoreErrors).toBe(expected)
    expect(warnings).toMatchObject([{ kind: 'deprecated', key: 'ignoreErrors' }])
  })

  it.each([
    ['1500', 'MILLISECONDS', 1],
    ['500', 'MILLISECONDS', 0],
    ['999999999', 'NANOSECONDS', 0],
    ['2', 'MINUTES', 120],
    ['3', 'HOURS', 10_800],
    ['1', 'DAYS', 86_400],
    ['-1', 'DAYS', -1],
    ['0', 'SECONDS', 0],
  ])('ttl %s %s', (ttl, unit, expected) => {
    const { settings } = parse({ 'topic.t.ks.tbl.ttl': ttl, 'topic.t.ks.tbl.ttlTimeUnit': unit })
    expect(settings.topics[0]?.tables[0]?.ttlSeconds).toBe(expected)
  })
})

describe('unknown keys', () => {
  it('warn, each by name', () => {
    const config = { keyspace: 'k', 'table.name.format': 'x', contactPoint: 'h' }
    expect(parse(config).warnings.map(one => [one.kind, one.key])).toEqual([
      ['unknown-key', 'contactPoint'],
      ['unknown-key', 'keyspace'],
      ['unknown-key', 'table.name.format'],
    ])
  })

  it.each([
    'topic.t',
    'topic.t.ks.tbl',
    'topic.t.ks.tbl.mappings',
    'topic.t.codec.zone',
    'topic.t t.ks.tbl.ttl',
    'topic.ks.tbl.mapping',
    'topic.t.codec.codec.unit2',
  ])('%s stops the start', key => {
    const problems = problemsOf({ [key]: '1' })
    expect(problems).toMatchObject([{ kind: 'unknown-key', severity: 'error', key }])
    expect(problems[0]?.message).toContain(`"${key}"`)
  })

  it('suggests the setting that was meant', () => {
    expect(problemsOf({ 'topic.t.ks.tbl.mappings': 'a=key' })[0]?.advice).toContain('"mapping"')
  })
})

describe('topic keys', () => {
  it.each([
    ['topic.a.b.c.ks.t.mapping', 'a.b.c', 'ks', 't'],
    ['topic.t.codec.ttl.ks.t.mapping', 't.codec.ttl', 'ks', 't'],
    ['topic.a-b_c.MyKs.MyTable.mapping', 'a-b_c', 'MyKs', 'MyTable'],
    ['topic.t."My Ks"."T""x".mapping', 't', 'My Ks', 'T"x'],
    ['topic.a.b.codec.mapping', 'a', 'b', 'codec'],
  ])('%s', (key, topic, keyspace, table) => {
    const { settings } = parseDatastaxSink(sourceOf({ [key]: 'a=key' }))
    expect(settings.topics).toMatchObject([{ topic, tables: [{ topic, keyspace, table }] }])
  })

  it("group tables by topic, with the topic's codec", () => {
    const { settings } = parse({
      'topic.t.ks.two.mapping': 'id=value',
      'topic.u.ks.tbl.mapping': 'id=key',
      'topic.t.codec.locale': 'de_DE',
      'topic.u.codec.unit': 'DAYS',
    })
    const shape = settings.topics.map(topic => [
      topic.topic,
      topic.codec.locale,
      topic.codec.unit,
      topic.tables.map(table => table.table),
    ])
    expect(shape).toEqual([
      ['t', 'de_DE', 'MILLISECONDS', ['tbl', 'two']],
      ['u', 'en_US', 'DAYS', ['tbl']],
    ])
  })

  it('need a mapping per table', () => {
    expect(messagesOf({ 'topic.t.ks.other.ttl': '5' })).toEqual([
      'Missing required configuration "topic.t.ks.other.mapping" which has no default value.',
    ])
  })

  it('need a table per subscribed topic and per topic with codec settings', () => {
    expect(messagesOf({ topics: 't, u' })).toEqual([
      'The topic u has no table; expected at least one table configuration',
    ])
    expect(problemsOf({ 'topic.v.codec.locale': 'en' })).toMatchObject([
      { key: 'topic.v.codec.locale', kind: 'missing' },
    ])
    expect(messagesOf({ 'topics.regex': 'x.*' })).toEqual([])
  })

  it('a query needs deletes off; settings it replaces are told', () => {
    const query = { 'topic.t.ks.tbl.query': 'INSERT …' }
    expect(problemsOf(query)).toMatchObject([{ key: 'topic.t.ks.tbl.query', kind: 'conflict' }])
    const off = { ...query, 'topic.t.ks.tbl.deletesEnabled': 'false', 'topic.t.ks.tbl.ttl': '5' }
    const { settings, warnings } = parse(off)
    expect(settings.topics[0]?.tables[0]?.query).toBe('INSERT …')
    expect(warnings).toMatchObject([{ kind: 'no-effect', key: 'topic.t.ks.tbl.ttl' }])
  })

  it('mapping errors carry key, place and text, all together', () => {
    const messages = messagesOf({ 'topic.t.ks.tbl.mapping': 'a=kay,\nb' })
    expect(messages).toHaveLength(2)
    expect(messages[0]).toContain('topic.t.ks.tbl.mapping: line 1:3: the field kay')
    expect(messages[1]).toContain('line 2:2: expected "="')
  })

  it('a broken quoted name is an error', () => {
    expect(messagesOf({ 'topic.t."ks.tbl.mapping': 'a=key' })[0]).toContain('"ks')
  })
})

describe('compatibility', () => {
  it('strict restores the rows that can be; single rows win', () => {
    const config = { 'scamander.compat.strict': 'true', 'scamander.compat.D4': 'fixed' }
    const { referenceBehaviour } = parse(config).settings
    expect([...referenceBehaviour]).toEqual(['D1', 'D3', 'D6', 'D7', 'D23'])
    expect([...parse({ 'scamander.compat.D1': 'reference' }).settings.referenceBehaviour]).toEqual([
      'D1',
    ])
  })

  it('names rows that do not exist', () => {
    expect(problemsOf({ 'scamander.compat.D99': 'fixed' })).toMatchObject([
      { key: 'scamander.compat.D99' },
    ])
  })

  it.each(['D2', 'D8', 'D11', 'D15', 'D19', 'D21', 'D22'])('%s cannot be restored', name => {
    const key = `scamander.compat.${name}`
    const { warnings, settings } = parse({ [key]: 'reference' })
    expect(warnings).toMatchObject([{ kind: 'no-effect', key }])
    expect(settings.referenceBehaviour.size).toBe(0)
  })

  describe('of a topic that is not read', () => {
    const orders = {
      'topic.ordres.ks.a.mapping': 'id=key',
      'topic.ordres.ks.b.mapping': 'id=key',
      'topic.orders.ks.a.mapping': 'id=key',
    }
    const warned = (config: Record<string, string>) => {
      const options = { isForeignKey: (key: string) => /^(topics|transforms)/.test(key) }
      return parseDatastaxSink(sourceOf({ ...orders, ...config }), options).warnings
    }

    it('are warned about once per topic', () => {
      expect(warned({ topics: 'orders' })).toMatchObject([
        {
          key: 'topic.ordres.ks.a.mapping',
          severity: 'warning',
          kind: 'no-effect',
          message:
            'The settings of topic.ordres.ks.a feed nothing: the topic ordres is not in topics; did you mean "orders"?',
        },
      ])
    })

    it.each([
      [{ topics: 'orders, ordres' }],
      [{ 'topics.regex': 'ord.*' }],
      [
        {
          topics: 'orders',
          'transforms.r.type': 'org.apache.kafka.connect.transforms.RegexRouter',
        },
      ],
    ])('are right with %j', config => {
      expect(warned(config)).toEqual([])
    })
  })

  it('warns about old class names', () => {
    const name = 'com.datastax.kafkaconnector.DseSinkConnector'
    const source = sourceOf({ ...MINIMAL, 'connector.class': name })
    const { warnings } = parseDatastaxSink(source, { isForeignKey: key => !key.includes('topic') })
    expect(warnings).toMatchObject([{ kind: 'deprecated', key: 'connector.class' }])
    expect(warnings[0]?.message).toBe(`deprecated class name ${name}`)
  })
})

const TEN_MISTAKES = `{
  "name": "s", "connector.class": "com.datastax.oss.kafka.sink.CassandraSinkConnector",
  "topics": "t,u",
  "contactPoints": "good.host,b*d",
  "port": "ninety",
  "maxConcurrentRequests": 0,
  "compression": "zip",
  "ignoreErrors": "maybe",
  "auth.password": "PLANTED",
  "ssl.keystore.path": "/nope/store.jks",
  "topic.t.ks.tbl.mapping": "id=kee",
  "topic.t.ks.tbl.ttl": -7,
  "topic.t.ks.tbl.tl": 1
}`

describe('ten mistakes', () => {
  it('are in one report, each with key, place and no secret', () => {
    let error: unknown
    try {
      parseDatastaxSink(readJsonConfig(TEN_MISTAKES, 'sink.json'))
    } catch (caught) {
      error = caught
    }
    const { problems, message, stack } = error as ConfigError
    expect(problems.map(one => [one.key, one.location?.line])).toEqual([
      ['topics', 3],
      ['contactPoints', 4],
      ['loadBalancing.localDc', 4],
      ['port', 5],
      ['maxConcurrentRequests', 6],
      ['compression', 7],
      ['ignoreErrors', 8],
      ['ssl.keystore.path', 10],
      ['topic.t.ks.tbl.mapping', 11],
      ['topic.t.ks.tbl.ttl', 12],
      ['topic.t.ks.tbl.tl', 13],
      ['auth.username', undefined],
    ])
    expect(`${message}${stack}${JSON.stringify(problems)}`).not.toContain('PLANTED')
  })
})

describe('secrets', () => {
  it('are in no setting, warning or REST answer in clear', () => {
    const config = {
      ...MINIMAL,
      'auth.username': 'u',
      'auth.password': 'PLANTED',
      'ssl.provider': 'JDK',
      'ssl.keystore.path': 'base64:UExBTlRFRDPLANTEDxxx',
      'ssl.keystore.password': 'PLANTED',
      'ssl.truststore.password': 'PLANTED',
      [`${DRIVER}advanced.x.password`]: 'PLANTED',
      'some.unknown.key': 'PLANTED',
    }
    const parsed = parseDatastaxSink(sourceOf(config))
    const infos = validateConfig(datastaxSinkConfig, sourceOf(config))
    const texts = [
      inspect(parsed, { depth: 12, showHidden: true }),
      JSON.stringify(parsed),
      parsed.warnings.map(formatLint).join('\n'),
      JSON.stringify(infos),
    ]
    for (const text of texts) expect(text).not.toContain('PLANTED')
  })

  it('guide-style properties give two warnings', () => {
    const text = [
      'contactPoints=127.0.0.1',
      'loadBalancing.localDc=datacenter1',
      'keyspace=my_keyspace',
      'table.name.format=$' + '{topic}',
      'topic.my_kafka_topic.my_keyspace.my_table.mapping=kafka_key=key, kafka_value=value',
    ].join('\n')
    const { settings, warnings } = parseDatastaxSink(readProperties(text))
    expect(warnings.map(one => one.key)).toEqual(['keyspace', 'table.name.format'])
    expect(settings.topics[0]?.tables[0]?.mapping.entries.map(one => one.column)).toEqual([
      'kafka_key',
      'kafka_value',
    ])
  })
})
