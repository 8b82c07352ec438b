import { describe, expect, it } from 'vitest'
import {
  lintConfig,
  parseConfig,
  readProperties,
  sourceOf,
  toRecord,
  validateConfig,
} from '../config/index.ts'
import {
  converterOf,
  isFrameworkKey,
  pluginsOf,
  sinkFrameworkConfig,
  toTopicRegex,
} from './framework-config.ts'
import { distributedWorkerConfig, standaloneWorkerConfig } from './worker-config.ts'

const BASE = { name: 's', 'connector.class': 'C', topics: 'a,b' }

const errorsOf = (config: Record<string, string>) =>
  lintConfig(sinkFrameworkConfig, sourceOf(config))
    .filter(one => one.severity === 'error')
    .map(one => [one.key, one.message])

const ORDER =
  `name, connector.class, connector.plugin.version, tasks.max, tasks.max.enforce, key.converter,
key.converter.plugin.version, value.converter, value.converter.plugin.version, header.converter, header.converter.plugin.version,
transforms, predicates, config.action.reload, errors.retry.timeout, errors.retry.delay.max.ms, errors.tolerance,
errors.log.enable, errors.log.include.messages, topics, topics.regex, errors.deadletterqueue.topic.name,
errors.deadletterqueue.topic.replication.factor, errors.deadletterqueue.context.headers.enable`.split(
    /,\s+/,
  )

describe('sink framework keys', () => {
  it('stand in the order of Kafka Connect', () => {
    const infos = validateConfig(sinkFrameworkConfig, sourceOf(BASE))
    expect(infos.configs.map(info => info.definition?.name)).toEqual(ORDER)
    expect(infos.error_count).toBe(0)
    expect(infos.groups).toEqual(['Common', 'Transforms', 'Predicates', 'Error Handling'])
    const tasks = infos.configs[3]
    expect(tasks?.definition).toMatchObject({
      order: 4,
      default_value: '1',
      display_name: 'Tasks max',
    })
  })

  it('have the defaults of Kafka Connect', () => {
    expect(parseConfig(sinkFrameworkConfig, sourceOf(BASE)).settings).toMatchObject({
      tasksMax: 1,
      retryTimeoutMs: 0,
      retryDelayMaxMs: 60_000,
      tolerance: 'none',
      deadLetterTopic: '',
      deadLetterReplication: 3,
      deadLetterHeaders: false,
      configAction: 'restart',
      keyConverter: undefined,
    })
  })

  it.each<[string, Record<string, string>, [string, string][]]>([
    [
      'required keys',
      { topics: 'a' },
      [
        [
          'connector.class',
          'Missing required configuration "connector.class" which has no default value.',
        ],
        ['name', 'Missing required configuration "name" which has no default value.'],
      ],
    ],
    [
      'both topic keys',
      { ...BASE, 'topics.regex': 'x' },
      [
        ['topics', 'topics and topics.regex are mutually exclusive options, but both are set.'],
        [
          'topics.regex',
          'topics and topics.regex are mutually exclusive options, but both are set.',
        ],
      ],
    ],
    [
      'no topic key',
      { name: 's', 'connector.class': 'C' },
      [
        ['topics', 'Must configure one of topics or topics.regex'],
        ['topics.regex', 'Must configure one of topics or topics.regex'],
      ],
    ],
    [
      'own dead letters',
      { ...BASE, 'errors.deadletterqueue.topic.name': 'b' },
      [
        [
          'errors.deadletterqueue.topic.name',
          "The DLQ topic 'b' may not be included in the list of topics ('topics=[a, b]') consumed by the connector",
        ],
      ],
    ],
    [
      'own dead letters by regex',
      {
        name: 's',
        'connector.class': 'C',
        'topics.regex': 'd.*',
        'errors.deadletterqueue.topic.name': 'dlq',
      },
      [
        [
          'errors.deadletterqueue.topic.name',
          "The DLQ topic 'dlq' may not be matched by the regex for the topics ('topics.regex=d.*') consumed by the connector",
        ],
      ],
    ],
    [
      'range and enum',
      { ...BASE, 'tasks.max': '0', 'errors.tolerance': 'some' },
      [
        [
          'errors.tolerance',
          'Invalid value some for configuration errors.tolerance: String must be one of: none, all',
        ],
        ['tasks.max', 'Invalid value 0 for configuration tasks.max: Value must be at least 1'],
      ],
    ],
    [
      'empty name',
      { ...BASE, name: ' ' },
      [['name', 'Invalid value   for configuration name: String may not be empty']],
    ],
    [
      'transforms',
      {
        ...BASE,
        transforms: 'A,B,A',
        'transforms.A.type': 'T',
        'transforms.A.negate': 'true',
        'transforms.B.predicate': 'P',
      },
      [
        [
          'transforms',
          'Invalid value A,B,A for configuration transforms: Duplicate alias provided.',
        ],
        [
          'transforms.A.negate',
          "There is no config 'transforms.A.predicate' defining a predicate to be negated by 'transforms.A.negate'",
        ],
        [
          'transforms.A.negate',
          "There is no config 'transforms.A.predicate' defining a predicate to be negated by 'transforms.A.negate'",
        ],
        [
          'transforms.B.predicate',
          "Invalid value P for configuration transforms.B.predicate: predicate alias is not in 'predicates'",
        ],
        [
          'transforms.B.type',
          'Missing required configuration "transforms.B.type" which has no default value.',
        ],
      ],
    ],
  ])('%s', (_title, config, expected) => {
    expect(errorsOf(config)).toEqual(expected)
  })

  it('a type error brings the second message in the REST answer', () => {
    const infos = validateConfig(sinkFrameworkConfig, sourceOf({ ...BASE, 'tasks.max': 'x' }))
    expect(infos.configs[3]?.value?.errors).toEqual([
      'Invalid value x for configuration tasks.max: Not a number of type INT',
      'Invalid value null for configuration tasks.max: Value must be non-null',
    ])
    expect(infos.error_count).toBe(2)
  })

  it('knows its keys and the prefixes that belong to it', () => {
    const known = [
      'topics',
      'consumer.override.a.b',
      'value.converter.schemas.enable',
      'transforms.A.type',
    ]
    expect(known.filter(key => !isFrameworkKey(key))).toEqual([])
    expect(isFrameworkKey('contactPoints')).toBe(false)
    expect(isFrameworkKey('topic.t.ks.t.mapping')).toBe(false)
  })

  it('naming a converter discards the settings of the worker', () => {
    const worker = sourceOf({ 'value.converter': 'W', 'value.converter.a': '1' })
    const own = sourceOf({ 'value.converter': 'O', 'value.converter.b': '2' })
    const chosen = converterOf('value.converter', own, worker)
    expect([chosen?.className, toRecord(chosen!.options)]).toEqual(['O', { b: '2' }])
    const inherited = converterOf('value.converter', sourceOf({}), worker)
    expect([inherited?.className, toRecord(inherited!.options)]).toEqual(['W', { a: '1' }])
    expect(converterOf('key.converter', own, worker)).toBeUndefined()
  })

  it('lists transforms in the order of their aliases', () => {
    const source = sourceOf({
      ...BASE,
      transforms: 'B,A',
      'transforms.A.type': 'Ta',
      'transforms.B.type': 'Tb',
      'transforms.B.x': '1',
    })
    const { settings } = parseConfig(sinkFrameworkConfig, source)
    const found = pluginsOf('transforms', settings, source)
    expect(found.map(one => [one.alias, one.className])).toEqual([
      ['B', 'Tb'],
      ['A', 'Ta'],
    ])
    expect(found[0]?.options.entries.get('x')?.value).toBe('1')
  })

  it('a topic must match as a whole', () => {
    expect(toTopicRegex('a|b')?.test('ab')).toBe(false)
    expect(toTopicRegex('a.*')?.test('abc')).toBe(true)
    expect(toTopicRegex('(')).toBeUndefined()
  })
})

const CONVERTERS = { 'key.converter': 'K', 'value.converter': 'V' }

describe('worker keys', () => {
  it('standalone: required keys and defaults', () => {
    const missing = lintConfig(standaloneWorkerConfig, sourceOf({})).map(one => one.key)
    expect(missing).toEqual(['key.converter', 'offset.storage.file.filename', 'value.converter'])
    const source = sourceOf({ ...CONVERTERS, 'offset.storage.file.filename': '/tmp/x' })
    const { settings, warnings } = parseConfig(standaloneWorkerConfig, source)
    expect(warnings).toEqual([])
    expect(settings).toMatchObject({
      bootstrapServers: ['localhost:9092'],
      headerConverter: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
      listeners: ['http://:8083'],
      flushIntervalMs: 60_000,
      shutdownTimeoutMs: 5000,
      overridePolicy: 'All',
      metricsListeners: ['http://127.0.0.1:9464'],
      offsetFile: '/tmp/x',
    })
  })

  it('keeps an unknown key and warns; prefixed keys are known', () => {
    const text = [
      'key.converter=K\nvalue.converter=V\noffset.storage.file.filename=/tmp/x',
      'consumer.max.poll.records=5\nsasl.mechanism=PLAIN\nkey.converter.schemas.enable=false',
      'config.providers.file.class=F\nlisteners.https.ssl.keystore.location=k\nmy.own.key=1',
    ].join('\n')
    const { warnings, settings } = parseConfig(standaloneWorkerConfig, readProperties(text))
    expect(warnings.map(one => [one.kind, one.key])).toEqual([['unknown-key', 'my.own.key']])
    expect(settings.consumerSettings.map(one => one.parts['property'])).toEqual([
      'max.poll.records',
    ])
  })

  it('distributed: required keys and defaults', () => {
    const config = {
      ...CONVERTERS,
      'group.id': 'g',
      'config.storage.topic': 'c',
      'offset.storage.topic': 'o',
      'status.storage.topic': 's',
      'config.storage.min.insync.replicas': '2',
    }
    const { settings, warnings } = parseConfig(distributedWorkerConfig, sourceOf(config))
    expect(warnings).toEqual([])
    expect(settings).toMatchObject({
      offsetPartitions: 25,
      statusPartitions: 5,
      configReplication: 3,
      sessionTimeoutMs: 10_000,
      rebalanceDelayMs: 300_000,
      connectProtocol: 'sessioned',
      exactlyOnce: 'disabled',
    })
    expect(settings.configTopicSettings).toMatchObject([
      { parts: { setting: 'min.insync.replicas' } },
    ])
    const { 'group.id': _group, ...rest } = config
    expect(lintConfig(distributedWorkerConfig, sourceOf(rest)).map(one => one.key)).toEqual([
      'group.id',
    ])
  })
})

describe('topics.regex', () => {
  it.each<[string, string, boolean]>([
    ['\\Qa.b\\E.*', 'a.b-1', true],
    ['\\Qa.b\\E.*', 'axb-1', false],
    ['(?i)orders', 'ORDERS', true],
    ['\\p{Alpha}+', 'abc', true],
    ['a|b', 'ab', false],
  ])('%s against %s as Java has it: %s', (regex, topic, isMatch) => {
    expect(toTopicRegex(regex)?.test(topic)).toBe(isMatch)
  })

  it('refuses what cannot be translated', () => {
    expect(toTopicRegex('a++')).toBeUndefined()
  })
})
