/** Findings of converters with a registry carry whole keys, as `lint` and REST validation show them. */
import { describe, expect, it } from 'vitest'
import { sourceOf, toConfigInfos } from '../config/index.ts'
import { converterEvaluations } from './converter-config.ts'

const AVRO = 'io.confluent.connect.avro.AvroConverter'

function findings(options: Record<string, string>, className = AVRO) {
  const entries = Object.entries(options).map(([key, value]) => [`value.converter.${key}`, value])
  const source = sourceOf({ 'value.converter': className, ...Object.fromEntries(entries) })
  return converterEvaluations(source).flatMap(one => one.evaluation.lints)
}

const URL = { 'schema.registry.url': 'http://127.0.0.1:8081' }

describe('converters with a schema registry', () => {
  it.each([
    AVRO,
    'AvroConverter',
    'io.confluent.connect.protobuf.ProtobufConverter',
    'io.confluent.connect.json.JsonSchemaConverter',
  ])('%s needs an address and nothing else', className => {
    expect(findings(URL, className)).toEqual([])
    expect(findings({}, className)).toMatchObject([
      { kind: 'missing', key: 'value.converter.schema.registry.url', severity: 'error' },
    ])
  })

  it.each([
    [{ 'schema.registry.url': '127.0.0.1:8081' }, 'schema.registry.url', 'invalid'],
    [
      { ...URL, 'value.subject.name.strategy': 'MyStrategy' },
      'value.subject.name.strategy',
      'invalid',
    ],
    [{ ...URL, 'schema.registry.urls': 'x' }, 'schema.registry.urls', 'unknown-key'],
    [{ ...URL, 'schemas.cache.config': '0' }, 'schemas.cache.config', 'out-of-range'],
    [{ ...URL, 'max.retries': '5' }, 'max.retries', 'no-effect'],
    [{ ...URL, 'use.latest.version': 'true' }, 'use.latest.version', 'no-effect'],
    [
      { ...URL, 'basic.auth.credentials.source': 'USER_INFO' },
      'basic.auth.credentials.source',
      'missing',
    ],
    [
      { ...URL, 'bearer.auth.credentials.source': 'STATIC_TOKEN' },
      'bearer.auth.credentials.source',
      'missing',
    ],
  ])('finds what is wrong: case %#', (options, key, kind) => {
    expect(findings(options)).toMatchObject([{ key: `value.converter.${key}`, kind }])
  })

  it('tells whole keys in rules over several keys', () => {
    const [found] = findings({ ...URL, 'basic.auth.credentials.source': 'USER_INFO' })
    expect(found!.message).toBe(
      '"value.converter.basic.auth.credentials.source" is USER_INFO, which needs "value.converter.basic.auth.user.info"',
    )
    expect(found!.advice).toBe('Set value.converter.basic.auth.user.info.')
  })

  it('hides passwords in validation answers', () => {
    const source = sourceOf({
      'value.converter': AVRO,
      'value.converter.schema.registry.url': 'http://r',
      'value.converter.basic.auth.credentials.source': 'USER_INFO',
      'value.converter.basic.auth.user.info': 'ann:topsecret',
    })
    const infos = converterEvaluations(source).map(one => toConfigInfos(one.config, one.evaluation))
    const text = JSON.stringify(infos)
    expect(text).toContain('value.converter.basic.auth.user.info')
    expect(text).not.toContain('topsecret')
  })
})
