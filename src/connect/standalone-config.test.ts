import { describe, expect, it } from 'vitest'
import { ConfigError, readConfigText, readProperties, sourceOf } from '../config/index.ts'
import { evaluateConnector } from './connector-config.ts'
import { fromShownConfig, toShownConfig } from './shown-config.ts'
import { checkStandalone, parseWorker } from './standalone-config.ts'

const WORKER = `bootstrap.servers=h:1
key.converter=StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename=/tmp/o
`
const SINK = {
  name: 'a',
  'connector.class': 'CassandraSink',
  topics: 't',
  'topic.t.ks.tbl.mapping': 'k=key',
}

function problemsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('checkStandalone', () => {
  it('gives the worker and the connectors with their names', () => {
    const { config, connectors } = checkStandalone(readProperties(WORKER), [sourceOf(SINK)])
    expect(config.settings.flushIntervalMs).toBe(60_000)
    expect(connectors.map(one => one.name)).toEqual(['a'])
  })

  it('tells the problems of all files together', () => {
    const worker = readProperties(WORKER.replace('h:1', 'h').replace('json.Json', 'no.Such'), 'w')
    const one = readConfigText(JSON.stringify({ ...SINK, port: 0 }), 'one.json')
    const two = readConfigText(JSON.stringify({ ...SINK, topics: '' }), 'two.json')
    const found = problemsOf(() => checkStandalone(worker, [one, two]))
    expect(found.map(({ location, key }) => [location?.file, key]).sort()).toEqual(
      [
        ['one.json', 'port'],
        ['two.json', 'name'],
        ['two.json', 'topics'],
        ['two.json', 'topics.regex'],
        ['w', 'bootstrap.servers'],
        ['w', 'value.converter'],
      ].sort(),
    )
  })

  it('takes references of the worker and of connectors', () => {
    const env = { SERVERS: 'h:1', PORT: '70000' }
    const text = WORKER.replace('h:1', '$' + '{env:SERVERS}')
    const config = parseWorker(readProperties(text), { env })
    expect(config.settings.bootstrapServers).toEqual(['h:1'])
    const source = sourceOf({ ...SINK, port: '$' + '{env:PORT}' })
    const { lints } = evaluateConnector(source, config)
    expect(lints.map(lint => lint.message)).toEqual([
      'Invalid value [hidden] for configuration port: expected ≥ 1 and ≤ 65535',
    ])
  })
})

describe('converters of a connector', () => {
  it.each([
    [
      { 'value.converter': 'JsonConverter', 'value.converter.schemas.enable': 'x' },
      'value.converter.schemas.enable',
    ],
    [
      { 'value.converter': 'JsonConverter', 'value.converter.schema': 'x' },
      'value.converter.schema',
    ],
    [{ 'value.converter': 'SimpleHeaderConverter' }, 'value.converter'],
    [{ 'value.converter.schemas.enable': 'true' }, 'value.converter.schemas.enable'],
    [{ 'header.converter': 'nope' }, 'header.converter'],
  ])('%j', (more, key) => {
    const { lints } = evaluateConnector(sourceOf({ ...SINK, ...more }))
    expect(lints.map(lint => lint.key)).toEqual([key])
  })
})

describe('what is shown of a configuration', () => {
  const config = {
    ...SINK,
    'auth.username': 'u',
    'auth.password': 'hush',
    'ssl.keystore.password': '$' + '{file:/s:p}',
    'consumer.override.sasl.jaas.config': 'hush',
    'ssl.truststore.path': 'base64:aHVzaA==',
    'topic.t.ks.api_tokens.mapping': 'k=key',
    'datastax-java-driver.advanced.other.password': 'hush',
    'value.converter.basic.auth.user.info': 'hush',
  }

  it('hides secrets, keeps references, and names of tables hide nothing', () => {
    const shown = toShownConfig(config)
    expect(JSON.stringify(shown)).not.toMatch(/hush|aHVz/)
    const hidden = Object.keys(shown).filter(key => shown[key] === '[hidden]')
    expect(hidden).toEqual([
      'auth.password',
      'consumer.override.sasl.jaas.config',
      'ssl.truststore.path',
      'datastax-java-driver.advanced.other.password',
      'value.converter.basic.auth.user.info',
    ])
  })

  it.each([SINK['connector.class'], 'no.such.Class', ''])(
    'hides misspelled secrets of %j',
    name => {
      const slips = {
        'connector.class': name,
        'auth.pasword': 'hush',
        'ssl.openssl.privatKey': 'hush',
        'ssl.keystore.paswrd': 'hush',
        my_credentials: 'hush',
        'auth.usrname': 'ann',
      }
      const shown = toShownConfig(slips)
      expect(JSON.stringify(shown)).not.toContain('hush')
      expect(shown['auth.usrname']).toBe('ann')
      expect(fromShownConfig(shown, slips)).toEqual(slips)
    },
  )

  it('can be sent back, with or without changes', () => {
    expect(fromShownConfig(toShownConfig(config), config)).toEqual(config)
    const changed = { ...toShownConfig(config), 'auth.password': 'new' }
    expect(fromShownConfig(changed, config)['auth.password']).toBe('new')
  })
})
