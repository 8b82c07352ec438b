/**
 * The transforms against Kafka's own: every case of transforms.json, which connect-transforms 4.1.1
 * produced. Records go in and come out as JsonConverter texts; errors are compared by their message,
 * without the parts in which Kafka shows values or Java objects.
 * Invariant: the file holds what Kafka answered, never what we would like.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isScamanderError } from '../../src/base/scamander-error.ts'
import { sourceOf } from '../../src/config/index.ts'
import { JsonConverter, materialise, parseHeaderText } from '../../src/convert/index.ts'
import {
  FlowRecord,
  NO_TIMESTAMP,
  RawMessage,
  type Schema,
  STRING,
  type Value,
} from '../../src/flow/index.ts'
import { transformClasses } from '../../src/transform/index.ts'

interface Result {
  topic?: string
  key?: string | null
  value?: string | null
  headers?: [name: string, value: string | null][]
  error?: string
}

interface Case {
  class: string
  config: Record<string, string>
  schemas: boolean
  key: string | null
  value: string | null
  topic?: string
  /** Null: the record has none. */
  timestamp?: null
  headers?: [name: string, value: string][]
  result: Result
}

const file = new URL('./transforms.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }
const TIMESTAMP_MS = 1_582_979_696_789
const UNENCODABLE = 'unencodable: '

function converterOf({ schemas }: Case): JsonConverter {
  return JsonConverter.fromConfig(
    sourceOf({ 'schemas.enable': schemas, 'replace.null.with.default': false }),
  )
}

function recordOf(given: Case, converter: JsonConverter): FlowRecord {
  const bytes = Buffer.alloc(0)
  const data = { bytes, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: -1 }
  const topic = given.topic ?? 'orders'
  const timestampMs = given.timestamp === null ? NO_TIMESTAMP : TIMESTAMP_MS
  const message = new RawMessage({ topic, partition: 3 }, { offset: 42, timestampMs }, data)
  const decode = (text: string | null) =>
    converter.decode('t', Buffer.from(text ?? ''), 0, text === null ? -1 : Buffer.byteLength(text))
  const headers = (given.headers ?? []).map(([name, value]) => ({ name, schema: STRING, value }))
  return new FlowRecord(message, decode(given.key), decode(given.value), headers)
}

/** Integers beyond 2^53 stay texts. */
function parsed(text: string | null | undefined): unknown {
  if (typeof text !== 'string') return text
  return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) => {
    const isBig = typeof value === 'number' && !Number.isSafeInteger(value)
    return isBig && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value
  })
}

function answerOf(given: Case): FlowRecord | string {
  const converter = converterOf(given)
  const context = { materialise, parseLiteral: parseHeaderText }
  const transform = transformClasses.get(given.class)!.create(sourceOf(given.config), context)
  try {
    return transform.apply(recordOf(given, converter))!
  } catch (error) {
    if (!isScamanderError(error, 'data')) throw error
    return error.message
  }
}

/** Kafka's message without the class of the exception, values and objects. */
function messageOf(error: string): string {
  return error
    .replace(/^\w+: /, '')
    .replace(/^Value \(.*\) was/s, 'Value was')
    .replace(/value \(.*\) does/s, 'value does')
    .replace(/^(Timestamp missing on record).*/s, '$1')
    .replace(/^Cannot list fields.*/, 'Only Struct objects')
    .replace(/^Cannot look up fields.*/, 'Unknown field')
}

/** Kafka fails to rename the schema of anything but a struct; we do it. */
function isOursOnly({ class: name, result }: Case): boolean {
  return name.startsWith('SetSchemaMetadata') && result.error?.includes('non-struct type') === true
}

describe('transforms against Kafka Connect 4.1.1', () => {
  it('has a table worth the name', () => {
    expect(cases.length).toBeGreaterThan(700)
    expect(new Set(cases.map(one => one.class)).size).toBeGreaterThan(20)
  })

  it.each(cases.map((one, i) => [i, one.class, JSON.stringify(one.config), one] as const))(
    '%i %s %s',
    (_i, _class, _config, given) => {
      const { result } = given
      if (isOursOnly(given)) {
        expect(answerOf(given)).toBeInstanceOf(FlowRecord)
        return
      }
      const answer = answerOf(given)
      if (result.error !== undefined || typeof answer === 'string') {
        expect(typeof answer).toBe('string')
        expect(answer).toContain(messageOf(result.error ?? ''))
        return
      }
      const converter = converterOf(given)
      const sideOf = (schema: Schema | null, value: Value, expected: string | null | undefined) => {
        if (expected?.startsWith(UNENCODABLE) === true) {
          return typeof value === 'string' ? UNENCODABLE + value : expected
        }
        return parsed(converter.encode('t', schema, value)?.toString() ?? null)
      }
      const theirs = (text: string | null | undefined, input: string | null) => {
        if (text?.startsWith(UNENCODABLE) === true) return text
        return parsed(text === undefined ? input : text)
      }
      expect(answer.topic).toBe(result.topic ?? given.topic ?? 'orders')
      expect(sideOf(answer.keySchema, answer.key, result.key)).toEqual(
        theirs(result.key, given.key),
      )
      expect(sideOf(answer.valueSchema, answer.value, result.value)).toEqual(
        theirs(result.value, given.value),
      )
      const headers = answer.headers.map(header => [
        header.name,
        parsed(converter.encode('t', header.schema, header.value)?.toString() ?? null),
      ])
      expect(headers).toEqual((result.headers ?? []).map(([name, text]) => [name, parsed(text)]))
    },
  )
})
