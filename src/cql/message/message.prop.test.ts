import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { FrameAssembler } from '../frame/frame-assembler.ts'
import { PROTOCOL_VERSIONS } from '../primitive/protocol-version.ts'
import { type BoundValue, UNSET } from '../primitive/structures.ts'
import type { CqlMessage } from './message.ts'
import { readMessage, writeMessage } from './message-frame.ts'
import { rowsOf } from './rows.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map(b => Buffer.from(b))
const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const short = fc.nat(65_535)
const int = fc.integer()
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const value: fc.Arbitrary<BoundValue> = fc.oneof(
  bytes,
  fc.constant(null),
  fc.constant<BoundValue>(UNSET),
)
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

const parameters = fc.record({
  consistency: short,
  skipMetadata: fc.boolean(),
  values: fc.array(value, { maxLength: 5 }),
  pageSize: maybe(int),
  pagingState: maybe(bytes),
  serialConsistency: maybe(short),
  timestamp: maybe(long),
  keyspace: maybe(text),
  nowInSeconds: maybe(int),
})
const children = fc.array(
  fc.oneof(
    fc.record({ query: text, values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ preparedId: bytes, values: fc.array(value, { maxLength: 3 }) }),
  ),
  { maxLength: 4 },
)
const column = fc.record({
  keyspace: fc.constantFrom('k', 'l'),
  table: fc.constantFrom('t', 'u'),
  name: text,
  type: fc.constantFrom(
    { kind: 'int' as const },
    { kind: 'list' as const, element: { kind: 'text' as const }, frozen: false },
  ),
})

const rows = fc
  .tuple(fc.array(column, { minLength: 1, maxLength: 4 }), fc.nat(4), maybe(bytes))
  .chain(([columns, count, pagingState]) => {
    const width = { minLength: columns.length, maxLength: columns.length }
    const row = fc.array(fc.option(bytes), width)
    const metadata = { columnCount: columns.length, columns, pagingState, newMetadataId: undefined }
    return fc
      .array(row, { minLength: count, maxLength: count })
      .map(cells => rowsOf(new ByteWriter(64), metadata, cells))
  })

const messages: fc.Arbitrary<CqlMessage> = fc.oneof(
  fc.record({ kind: fc.constant('QUERY' as const), query: text, parameters }),
  fc.record({
    kind: fc.constant('EXECUTE' as const),
    preparedId: bytes,
    resultMetadataId: bytes,
    parameters,
  }),
  fc.record({
    kind: fc.constant('BATCH' as const),
    type: fc.constantFrom(0 as const, 1 as const, 2 as const),
    children,
    consistency: short,
    serialConsistency: maybe(short),
    timestamp: maybe(long),
    keyspace: maybe(text),
    nowInSeconds: maybe(int),
  }),
  fc.record({ kind: fc.constant('PREPARE' as const), query: text, keyspace: maybe(text) }),
  fc.record({
    kind: fc.constant('RESULT' as const),
    result: fc.constant('PREPARED' as const),
    preparedId: bytes,
    resultMetadataId: bytes,
    variables: fc.record({
      columns: fc.array(column, { maxLength: 3 }),
      partitionKeyIndexes: fc.array(short, { maxLength: 3 }),
    }),
    resultMetadata: fc.record({ columnCount: fc.nat(9) }),
  }),
  rows,
  fc.record({
    kind: fc.constant('ERROR' as const),
    code: fc.constantFrom(0, 0x2200),
    message: text,
  }),
)

/** Rows are compared by their cells, not by where they lie. */
function comparable(message: CqlMessage): unknown {
  if (message.kind !== 'RESULT' || message.result !== 'ROWS') return message
  const { bytes: buffer, rowsStart, rowsEnd, ...rest } = message
  return { ...rest, cells: buffer.toString('hex', rowsStart, rowsEnd) }
}

describe('random messages', () => {
  it.each(PROTOCOL_VERSIONS)('survive v%i, what the version lacks left out', version => {
    fc.assert(
      fc.property(messages, fc.nat(32_767), (message, stream) => {
        const writer = new ByteWriter(64)
        writeMessage(writer, message, { version, stream })
        let decoded: CqlMessage | undefined
        new FrameAssembler().push(writer.view(), frame => {
          expect(frame.stream).toBe(stream)
          decoded = readMessage(frame).message
        })
        expect(comparable(decoded!)).toEqual(comparable(withoutNewer(message, version)))
        const again = new ByteWriter(64)
        if (version === 5) {
          writeMessage(again, decoded!, { version, stream })
          expect(again.view()).toEqual(writer.view())
        }
      }),
      { numRuns: 100 },
    )
  })
})

/** The message without the fields that the version cannot carry. */
function withoutNewer(message: CqlMessage, version: number): CqlMessage {
  if (version >= 5) return message
  const none = { keyspace: undefined, nowInSeconds: undefined }
  switch (message.kind) {
    case 'QUERY':
      return { ...message, parameters: { ...message.parameters, ...none } }
    case 'EXECUTE': {
      const rest = { ...message.parameters, ...none }
      return { ...message, resultMetadataId: undefined, parameters: rest }
    }
    case 'BATCH':
      return { ...message, ...none }
    case 'PREPARE':
      return { ...message, keyspace: undefined }
    case 'RESULT': {
      if (message.result !== 'PREPARED') return message
      const partitionKeyIndexes = version < 4 ? [] : message.variables.partitionKeyIndexes
      const variables = { ...message.variables, partitionKeyIndexes }
      return { ...message, resultMetadataId: undefined, variables }
    }
    default:
      return message
  }
}
