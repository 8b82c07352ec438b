import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConfigRecord, decodeConfigRecord, encodeConfigRecord } from './config-records.ts'

const name = fc.string({ unit: 'grapheme', minLength: 1 })
const settings = fc.dictionary(fc.string({ minLength: 1 }), fc.string())
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const count = fc.nat(1_000)

const record: fc.Arbitrary<ConfigRecord> = fc.oneof(
  fc.record({ type: fc.constant('connector' as const), name, settings: maybe(settings) }),
  fc.record({ type: fc.constant('task' as const), name, task: count, settings: maybe(settings) }),
  fc.record({ type: fc.constant('commit' as const), name, tasks: maybe(count) }),
  fc.record({
    type: fc.constant('target' as const),
    name,
    target: maybe(fc.constantFrom('STARTED' as const, 'PAUSED' as const, 'STOPPED' as const)),
  }),
  fc.record({
    type: fc.constant('restart' as const),
    name,
    includeTasks: fc.boolean(),
    onlyFailed: fc.boolean(),
  }),
  fc.record({ type: fc.constant('fencing' as const), name, taskCount: maybe(count) }),
  fc.record({ type: fc.constant('logger' as const), namespace: name, level: fc.string() }),
  fc.record({
    type: fc.constant('session-key' as const),
    key: fc.record({
      key: fc.uint8Array({ maxLength: 64 }).map(bytes => Buffer.from(bytes)),
      algorithm: fc.string(),
      createdAtMs: fc.nat(),
    }),
  }),
)

describe('records of configurations', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(record, one => {
        const { key, value } = encodeConfigRecord(one)
        expect(decodeConfigRecord(key, value)).toEqual(one)
      }),
      { numRuns: 300 },
    )
  })

  it('are told from bytes that are none', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array))
    const prefix = fc.constantFrom(
      'connector-',
      'task-',
      'commit-',
      'target-state-',
      'session-key',
      '',
    )
    fc.assert(
      fc.property(prefix, bytes, fc.option(bytes), (text, rest, value) => {
        decodeConfigRecord(Buffer.concat([Buffer.from(text), rest]), value)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    [
      'connector-a',
      '{"properties":{"x":"1"}}',
      { type: 'connector', name: 'a', settings: { x: '1' } },
    ],
    ['task-a-b-12', '{"properties":{}}', { type: 'task', name: 'a-b', task: 12, settings: {} }],
    ['commit-a', '{"tasks":2}', { type: 'commit', name: 'a', tasks: 2 }],
    ['target-state-a', '{"state":"PAUSED"}', { type: 'target', name: 'a', target: 'PAUSED' }],
    [
      'target-state-a',
      '{"state":"PAUSED","state.v2":"STOPPED"}',
      { type: 'target', name: 'a', target: 'STOPPED' },
    ],
    ['connector-a', null, { type: 'connector', name: 'a', settings: undefined }],
    ['connector-a', 'no JSON', undefined],
    ['something-else', '{}', undefined],
  ] as const)('%s %s as Kafka Connect writes it', (key, value, expected) => {
    const bytes = value === null ? null : Buffer.from(value)
    expect(decodeConfigRecord(Buffer.from(key), bytes)).toEqual(expected)
  })

  it('say to older workers that a stopped connector is paused', () => {
    const { value } = encodeConfigRecord({ type: 'target', name: 'a', target: 'STOPPED' })
    expect(JSON.parse(value!.toString())).toEqual({ state: 'PAUSED', 'state.v2': 'STOPPED' })
  })
})
