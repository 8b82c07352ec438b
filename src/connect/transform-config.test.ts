import { describe, expect, it } from 'vitest'
import { sourceOf } from '../config/index.ts'
import { JsonConverter } from '../convert/index.ts'
import { RawMessage } from '../flow/index.ts'
import { RecordDecoder } from '../pipeline/index.ts'
import { evaluateConnector } from './connector-config.ts'
import { makeHeaderConverter } from './converter-config.ts'
import { makeTransforms } from './transform-config.ts'

const BASE = {
  name: 'a',
  'connector.class': 'CassandraSink',
  topics: 't',
  'loadBalancing.localDc': 'dc1',
  contactPoints: '127.0.0.1',
  'topic.t.ks.tbl.mapping': 'a=key',
}

function errorsOf(config: Record<string, string>): string[] {
  const { lints } = evaluateConnector(sourceOf({ ...BASE, ...config }))
  return lints.filter(lint => lint.severity === 'error').map(lint => lint.message)
}

describe('transforms of a connector', () => {
  const CHAIN = {
    transforms: 'Only,Id',
    'transforms.Only.type': 'org.apache.kafka.connect.transforms.Filter',
    'transforms.Only.predicate': 'Temporary',
    'transforms.Id.type': 'org.apache.kafka.connect.transforms.ValueToKey',
    'transforms.Id.fields': 'id',
    predicates: 'Temporary',
    'predicates.Temporary.type': 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    'predicates.Temporary.pattern': 'tmp-.*',
  }

  it('run between the converters and the sink', () => {
    const { source, framework, lints } = evaluateConnector(sourceOf({ ...BASE, ...CHAIN }))
    expect(lints.filter(lint => lint.severity === 'error')).toEqual([])
    const json = () => JsonConverter.fromConfig(sourceOf({ 'schemas.enable': false }))
    const decoder = new RecordDecoder({
      key: { className: 'J', component: json() },
      value: { className: 'J', component: json() },
      header: makeHeaderConverter(sourceOf({}), sourceOf({})),
      transforms: makeTransforms(source, framework),
    })
    const decode = (topic: string, text: string) => {
      const bytes = Buffer.from(text)
      const data = { bytes, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: bytes.length }
      const origin = new RawMessage({ topic, partition: 0 }, { offset: 1, timestampMs: 0 }, data)
      return decoder.decode(origin)
    }
    expect(decode('t', '{"id":5,"x":1}')).toMatchObject({ key: new Map([['id', 5n]]) })
    expect(decode('tmp-1', '{"id":5}')).toBeUndefined()
    expect(decode('t', '[1]')).toMatchObject({
      stage: 'TRANSFORMATION',
      className: 'org.apache.kafka.connect.transforms.ValueToKey',
      error: { kind: 'data' },
    })
  })

  it('are checked with all other settings, each problem once', () => {
    const errors = errorsOf({
      ...CHAIN,
      transforms: 'Only,Id,No,Untyped',
      'transforms.Id.fields': '',
      'transforms.No.type': 'com.example.No',
      'transforms.Only.predicate': 'Other',
      'predicates.Temporary.pattern': '(',
    })
    expect(
      errors.map(message => message.replace(/Invalid regex: .*/, 'Invalid regex')).sort(),
    ).toEqual([
      'Invalid value  for configuration transforms.Id.fields: Empty list',
      'Invalid value ( for configuration predicates.Temporary.pattern: Invalid regex',
      "Invalid value Other for configuration transforms.Only.predicate: predicate alias is not in 'predicates'",
      'Invalid value com.example.No for configuration transforms.No.type: Class com.example.No could not be found.',
      'Missing required configuration "transforms.Untyped.type" which has no default value.',
    ])
  })

  it('appear in the validation answer under the group of their alias', () => {
    const config = { ...BASE, ...CHAIN, 'transforms.Id.fields': '' }
    const { infos } = evaluateConnector(sourceOf(config))
    expect(infos.groups).toEqual(
      expect.arrayContaining(['Transforms: Only', 'Transforms: Id', 'Predicates: Temporary']),
    )
    const info = infos.configs.find(one => one.value?.name === 'transforms.Id.fields')
    expect(info?.definition).toMatchObject({
      type: 'LIST',
      required: true,
      group: 'Transforms: Id',
    })
    expect(info?.value?.errors).toEqual([
      'Invalid value  for configuration transforms.Id.fields: Empty list',
    ])
    expect(infos.error_count).toBe(1)
  })
})
