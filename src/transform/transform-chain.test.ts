import { describe, expect, it } from 'vitest'
import { ConfigError, sourceOf, subSource } from '../config/index.ts'
import { FlowRecord, RawMessage, RawText, type Value } from '../flow/index.ts'
import type { TransformContext } from './plugin.ts'
import { buildTransformChain, type ChainPlugins, evaluatePlugins } from './transform-chain.ts'

const context: TransformContext = {
  materialise: value => value,
  parseLiteral: text => ({ schema: null, value: text }),
}

function pluginsOf(config: Record<string, string>): ChainPlugins {
  const source = sourceOf(config)
  const choices = (kind: string) =>
    (config[kind] ?? '').split(',').flatMap(alias => {
      if (alias === '') return []
      const options = subSource(source, `${kind}.${alias}.`)
      return [{ alias, className: options.entries.get('type')?.value ?? '', options }]
    })
  return { transforms: choices('transforms'), predicates: choices('predicates') }
}

function recordOf(topic: string, value: Value): FlowRecord {
  const data = {
    bytes: Buffer.alloc(0),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
  }
  const message = new RawMessage({ topic, partition: 0 }, { offset: 0, timestampMs: 0 }, data)
  return new FlowRecord(message, { schema: null, value: null }, { schema: null, value })
}

function run(config: Record<string, string>, record: FlowRecord): FlowRecord | undefined {
  let current: FlowRecord | undefined = record
  for (const { component } of buildTransformChain(pluginsOf(config), context)) {
    if (current !== undefined) current = component.apply(current)
  }
  return current
}

function problemsOf(config: Record<string, string>): string[] {
  try {
    buildTransformChain(pluginsOf(config), context)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(problem => `${problem.key}: ${problem.message}`)
  }
}

describe('buildTransformChain', () => {
  const router = {
    transforms: 'R',
    'transforms.R.type': 'org.apache.kafka.connect.transforms.RegexRouter',
    'transforms.R.regex': '(.*)',
    'transforms.R.replacement': '$1-new',
  }
  const tombstones = {
    predicates: 'P',
    'predicates.P.type': 'RecordIsTombstone',
  }

  it('applies transforms in the order of their aliases', () => {
    const config = {
      ...router,
      transforms: 'R,S',
      'transforms.S.type': 'RegexRouter',
      'transforms.S.regex': 'a-new',
      'transforms.S.replacement': 'b',
    }
    expect(run(config, recordOf('a', 'v'))?.topic).toBe('b')
    expect(run({ ...config, transforms: 'S,R' }, recordOf('a', 'v'))?.topic).toBe('a-new')
  })

  it.each([
    ['value', undefined, 'a'],
    ['value', 'true', 'a-new'],
    [null, undefined, 'a-new'],
    [null, 'true', 'a'],
    [null, 'false', 'a-new'],
  ])('value %j with negate %s ends in topic %s', (value, negate, topic) => {
    const config = {
      ...router,
      ...tombstones,
      'transforms.R.predicate': 'P',
      ...(negate !== undefined && { 'transforms.R.negate': negate }),
    }
    expect(run(config, recordOf('a', value))?.topic).toBe(topic)
  })

  it('drops what Filter is applied to', () => {
    const config = {
      transforms: 'F',
      'transforms.F.type': 'Filter',
      'transforms.F.predicate': 'T',
      predicates: 'T',
      'predicates.T.type': 'TopicNameMatches',
      'predicates.T.pattern': 'tmp-.*',
    }
    expect(run(config, recordOf('tmp-1', 'v'))).toBeUndefined()
    expect(run(config, recordOf('x-tmp-1', 'v'))?.topic).toBe('x-tmp-1')
  })

  it('never decodes a value that no transform looks at', () => {
    const raw = new RawText('json', Buffer.from('{'), 0, 1)
    const config = {
      ...router,
      transforms: 'R,H,D,T',
      'transforms.H.type': 'InsertHeader',
      'transforms.H.header': 'h',
      'transforms.H.value.literal': 'x',
      'transforms.D.type': 'DropHeaders',
      'transforms.D.headers': 'q',
      'transforms.T.type': 'TimestampRouter',
    }
    const strict: TransformContext = {
      ...context,
      materialise: () => {
        throw new Error('decoded')
      },
    }
    const record = recordOf('a', raw)
    for (const { component } of buildTransformChain(pluginsOf(config), strict)) {
      expect(component.apply(record)).toBe(record)
    }
    expect(record.value).toBe(raw)
    expect(record.topic).toBe('a-new-19700101')
    expect(record.headers).toEqual([{ name: 'h', schema: null, value: 'x' }])
  })

  it('decodes a value once, at the first transform that looks at it', () => {
    let count = 0
    const counting: TransformContext = {
      ...context,
      materialise: value => {
        if (!(value instanceof RawText)) return value
        count++
        return new Map<Value, Value>([['a', 1n]])
      },
    }
    const config = {
      transforms: 'A,B',
      'transforms.A.type': 'HoistField$Value',
      'transforms.A.field': 'x',
      'transforms.B.type': 'Flatten$Value',
    }
    let record = recordOf('t', new RawText('json', Buffer.from('{"a":1}'), 0, 7))
    for (const { component } of buildTransformChain(pluginsOf(config), counting)) {
      record = component.apply(record)!
    }
    expect(record.value).toEqual(new Map([['x.a', 1n]]))
    expect(count).toBe(1)
  })

  it('reports every problem of every alias under its full key', () => {
    const problems = problemsOf({
      transforms: 'A,B,C,D,E',
      'transforms.A.type': 'Cast$Value',
      'transforms.A.spec': 'a:int99',
      'transforms.B.type': 'com.example.Nothing',
      'transforms.C.type': 'ValueToKey',
      'transforms.D.type': 'TimestampConverter$Key',
      'transforms.D.target.type': 'string',
      'transforms.E.type': 'RegexRouter',
      'transforms.E.regex': 'a',
      'transforms.E.replacement': '$1',
      predicates: 'P',
      'predicates.P.type': 'HasHeaderKey',
    })
    expect(problems).toEqual([
      'transforms.A.spec: Invalid value a:int99 for configuration transforms.A.spec: Invalid type found in casting spec: int99',
      'transforms.B.type: Invalid value com.example.Nothing for configuration transforms.B.type: Class com.example.Nothing could not be found.',
      'transforms.C.fields: Missing required configuration "transforms.C.fields" which has no default value.',
      'transforms.D.format: TimestampConverter requires format option to be specified when using string timestamps',
      'transforms.E.replacement: Invalid value $1 for configuration transforms.E.replacement: No group 1',
      'predicates.P.name: Missing required configuration "predicates.P.name" which has no default value.',
    ])
  })

  it.each([
    [
      { 'transforms.R.negate': 'true' },
      "transforms.R.negate: Config 'transforms.R.negate' was provided but there is no config 'transforms.R.predicate' defining a predicate to be negated.",
    ],
    [
      { 'transforms.R.predicate': 'X' },
      "transforms.R.predicate: Invalid value X for configuration transforms.R.predicate: predicate alias is not in 'predicates'",
    ],
    [
      { 'transforms.R.type': '' },
      'transforms.R.type: Invalid value  for configuration transforms.R.type: Class  could not be found.',
    ],
  ])('refuses %j', (extra, problem) => {
    expect(problemsOf({ ...router, ...extra })).toContain(problem)
  })
})

describe('settings of single classes', () => {
  it.each([
    ['Cast$Value', { spec: '' }, 'Must specify at least one field to cast.'],
    ['Cast$Value', { spec: 'a:b:c' }, 'Invalid rename mapping: a:b:c'],
    ['Cast$Value', { spec: 'a:bytes' }, 'Cast transformation does not support casting to BYTES'],
    ['Cast$Value', { spec: 'int8,a:int8' }, 'may only specify a single cast in their spec'],
    ['DropHeaders', { headers: '' }, 'Empty list'],
    [
      'ExtractField$Value',
      { field: '`a.b', 'field.syntax.version': 'V2' },
      'Incomplete backtick pair in path: [`a.b]',
    ],
    ['ExtractField$Value', { field: 'a', 'field.syntax.version': 'V3' }, 'V1, V2'],
    [
      'HeaderFrom$Value',
      { fields: 'a,b', headers: 'x', operation: 'move' },
      'must have the same number of elements',
    ],
    [
      'HeaderFrom$Value',
      { fields: 'a', headers: 'x', operation: 'take' },
      'String must be one of: move, copy',
    ],
    ['InsertField$Value', {}, 'No field insertion configured'],
    ['InsertField$Value', { 'static.field': 'a' }, 'No value specified for static field: a'],
    ['MaskField$Value', { fields: 'a', replacement: '' }, 'String must be non-empty'],
    ['RegexRouter', { regex: '(', replacement: 'a' }, 'Invalid regex:'],
    ['ReplaceField$Value', { renames: 'a' }, 'Invalid rename mapping: a'],
    ['SetSchemaMetadata$Key', {}, 'Neither schema name nor version configured'],
    ['SetSchemaMetadata$Key', { 'schema.version': 'x' }, 'Not a number of type INT'],
    [
      'TimestampConverter$Value',
      { 'target.type': 'unix', format: 'yyyyj' },
      "Illegal pattern character 'j'",
    ],
    ['TimestampRouter', { 'timestamp.format': 'b' }, "Illegal pattern character 'b'"],
  ])('%s %j', (type, config, message) => {
    const own = Object.entries(config).map(([key, value]) => [`transforms.A.${key}`, value])
    const problems = problemsOf({
      transforms: 'A',
      'transforms.A.type': type,
      ...Object.fromEntries(own),
    })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(message)
  })
})

describe('evaluatePlugins', () => {
  it('warns about keys that the class does not have', () => {
    const [one] = evaluatePlugins(
      pluginsOf({
        transforms: 'A',
        'transforms.A.type': 'HoistField$Key',
        'transforms.A.field': 'f',
        'transforms.A.feild': 'f',
      }),
    )
    expect(one?.evaluation.lints.map(lint => [lint.severity, lint.message])).toEqual([
      [
        'warning',
        'Unknown configuration "transforms.A.feild" is ignored; did you mean "transforms.A.field"?',
      ],
    ])
    expect(one?.config.groups).toEqual(['Transforms: A'])
  })
})
