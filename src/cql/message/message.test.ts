import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { FrameView, readFrameHeader } from '../frame/frame-view.ts'
import { OPCODE } from '../frame/opcode.ts'
import { ByteReader, remaining } from '../primitive/byte-reader.ts'
import { CONSISTENCY } from '../primitive/consistency.ts'
import { PROTOCOL_VERSIONS, type ProtocolVersion } from '../primitive/protocol-version.ts'
import { UNSET } from '../primitive/structures.ts'
import { ERROR_CODE, errorCodeName } from './error-code.ts'
import { type CqlMessage, decodeBody, encodeBody } from './message.ts'
import { readMessage, writeMessage } from './message-frame.ts'
import type { ColumnSpec } from './metadata.ts'

const ID = Buffer.from('0102', 'hex')
const columns: ColumnSpec[] = [
  { keyspace: 'k', table: 't', name: 'a', type: { kind: 'int' } },
  { keyspace: 'k', table: 't', name: 'b', type: { kind: 'text' } },
]
const ALL: readonly ProtocolVersion[] = PROTOCOL_VERSIONS
const V5: readonly ProtocolVersion[] = [5]
const BEFORE_V5: readonly ProtocolVersion[] = [3, 4]

/** name, versions, message, body bytes */
const CASES: [string, readonly ProtocolVersion[], CqlMessage, string][] = [
  ['STARTUP', ALL, { kind: 'STARTUP', options: { A: 'b' } }, '0001000141000162'],
  ['OPTIONS', ALL, { kind: 'OPTIONS' }, ''],
  ['READY', ALL, { kind: 'READY' }, ''],
  ['REGISTER', ALL, { kind: 'REGISTER', events: ['X'] }, '0001000158'],
  ['AUTHENTICATE', ALL, { kind: 'AUTHENTICATE', authenticator: 'p' }, '000170'],
  ['AUTH_RESPONSE', ALL, { kind: 'AUTH_RESPONSE', token: ID }, '000000020102'],
  ['AUTH_CHALLENGE', ALL, { kind: 'AUTH_CHALLENGE', token: Buffer.alloc(0) }, '00000000'],
  ['AUTH_SUCCESS', ALL, { kind: 'AUTH_SUCCESS', token: null }, 'ffffffff'],
  [
    'SUPPORTED',
    ALL,
    { kind: 'SUPPORTED', options: { C: ['x', 'y'] } },
    '0001000143000200017800' + '0179',
  ],
  [
    'QUERY plain',
    BEFORE_V5,
    { kind: 'QUERY', query: 'q', parameters: { consistency: 1 } },
    '0000000171000100',
  ],
  [
    'QUERY plain v5',
    V5,
    { kind: 'QUERY', query: 'q', parameters: { consistency: 1 } },
    '0000000171000100000000',
  ],
  [
    'QUERY with everything',
    BEFORE_V5,
    {
      kind: 'QUERY',
      query: 'q',
      parameters: {
        consistency: CONSISTENCY.LOCAL_ONE,
        values: [ID, null, UNSET],
        names: ['a', 'b', 'c'],
        skipMetadata: true,
        pageSize: 256,
        pagingState: Buffer.from([9]),
        serialConsistency: CONSISTENCY.SERIAL,
        timestamp: -1n,
      },
    },
    `0000000171000a7f0003${'000161'}000000020102${'000162'}ffffffff${'000163'}fffffffe` +
      `00000100${'0000000109'}0008ffffffffffffffff`,
  ],
  [
    'QUERY with everything v5',
    V5,
    {
      kind: 'QUERY',
      query: 'q',
      parameters: {
        consistency: 6,
        values: [null],
        timestamp: 2n,
        keyspace: 'k',
        nowInSeconds: 7,
      },
    },
    '00000001710006000001a10001ffffffff000000000000000200016b00000007',
  ],
  ['PREPARE', BEFORE_V5, { kind: 'PREPARE', query: 'q' }, '0000000171'],
  ['PREPARE v5', V5, { kind: 'PREPARE', query: 'q' }, '000000017100000000'],
  [
    'PREPARE keyspace',
    V5,
    { kind: 'PREPARE', query: 'q', keyspace: 'k' },
    '00000001710000000100016b',
  ],
  [
    'EXECUTE',
    BEFORE_V5,
    { kind: 'EXECUTE', preparedId: ID, parameters: { consistency: 4, values: [ID] } },
    '000201020004010001000000020102',
  ],
  [
    'EXECUTE v5',
    V5,
    {
      kind: 'EXECUTE',
      preparedId: ID,
      resultMetadataId: Buffer.from([7]),
      parameters: { consistency: 4, values: [ID] },
    },
    '00020102000107000400000001' + '0001000000020102',
  ],
  [
    'BATCH mixed',
    BEFORE_V5,
    {
      kind: 'BATCH',
      type: 1,
      children: [
        { query: 'q', values: [] },
        { preparedId: ID, values: [null] },
      ],
      consistency: 6,
      serialConsistency: 9,
      timestamp: 3n,
    },
    '01000200000000017100000100020102' + '0001ffffffff' + '00063000090000000000000003',
  ],
  [
    'BATCH v5',
    V5,
    {
      kind: 'BATCH',
      type: 2,
      children: [{ query: 'q', values: [] }],
      consistency: 6,
      keyspace: 'k',
      nowInSeconds: 1,
    },
    '020001' + '00000000017100000006' + '00000180' + '00016b00000001',
  ],
  ['RESULT void', ALL, { kind: 'RESULT', result: 'VOID' }, '00000001'],
  [
    'RESULT set keyspace',
    ALL,
    { kind: 'RESULT', result: 'SET_KEYSPACE', keyspace: 'k' },
    '0000000300016b',
  ],
  [
    'RESULT prepared v3',
    [3],
    {
      kind: 'RESULT',
      result: 'PREPARED',
      preparedId: ID,
      variables: { columns, partitionKeyIndexes: [] },
      resultMetadata: { columnCount: 0 },
    },
    '00000004' +
      '00020102' +
      '0000000100000002' +
      '00016b000174' +
      '0001610009' +
      '000162000d' +
      '0000000400000000',
  ],
  [
    'RESULT prepared v5',
    V5,
    {
      kind: 'RESULT',
      result: 'PREPARED',
      preparedId: ID,
      resultMetadataId: Buffer.from([7]),
      variables: { columns: columns.slice(0, 1), partitionKeyIndexes: [0] },
      resultMetadata: { columnCount: 1, columns: columns.slice(1) },
    },
    '00000004' +
      '00020102' +
      '000107' +
      '0000000100000001' +
      '000000010000' +
      '00016b000174' +
      '0001610009' +
      '0000000100000001' +
      '00016b000174' +
      '000162000d',
  ],
  [
    'RESULT schema change of a table',
    ALL,
    {
      kind: 'RESULT',
      result: 'SCHEMA_CHANGE',
      schemaChange: { change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' },
    },
    '00000005' + '000743524541544544' + '00055441424c45' + '00016b000174',
  ],
  [
    'EVENT status',
    ALL,
    {
      kind: 'EVENT',
      event: 'STATUS_CHANGE',
      change: 'UP',
      node: { address: '1.2.3.4', port: 9042 },
    },
    '000d5354415455535f4348414e4745' + '00025550' + '040102030400002352',
  ],
  [
    'EVENT topology',
    ALL,
    {
      kind: 'EVENT',
      event: 'TOPOLOGY_CHANGE',
      change: 'NEW_NODE',
      node: { address: '::1', port: 1 },
    },
    '000f544f504f4c4f47595f4348414e4745' +
      '00084e45575f4e4f4445' +
      '100000000000000000000000000000000100000001',
  ],
  [
    'EVENT schema of a function',
    ALL,
    {
      kind: 'EVENT',
      event: 'SCHEMA_CHANGE',
      schemaChange: {
        change: 'DROPPED',
        target: 'FUNCTION',
        keyspace: 'k',
        name: 'f',
        argumentTypes: ['int'],
      },
    },
    '000d534348454d415f4348414e4745' +
      '000744524f50504544' +
      '000846554e4354494f4e' +
      '00016b000166' +
      '00010003696e74',
  ],
  [
    'EVENT schema of a keyspace',
    ALL,
    {
      kind: 'EVENT',
      event: 'SCHEMA_CHANGE',
      schemaChange: { change: 'X', target: 'KEYSPACE', keyspace: 'k' },
    },
    '000d534348454d415f4348414e4745' + '000158' + '00084b45595350414345' + '00016b',
  ],
]

type Details = Extract<CqlMessage, { kind: 'ERROR' }>['details']
const acknowledged = { consistency: 1, received: 2, blockFor: 3 }
const ACKNOWLEDGED_HEX = '00010000000200000003'

/** details, versions, bytes after the message */
const ERRORS: [string, readonly ProtocolVersion[], NonNullable<Details>, string][] = [
  [
    'UNAVAILABLE',
    ALL,
    { code: 0x1000, consistency: 4, required: 2, alive: 1 },
    '00040000000200000001',
  ],
  [
    'WRITE_TIMEOUT',
    ALL,
    { code: 0x1100, ...acknowledged, writeType: 'S' },
    `${ACKNOWLEDGED_HEX}000153`,
  ],
  [
    'WRITE_TIMEOUT CAS',
    V5,
    { code: 0x1100, ...acknowledged, writeType: 'CAS', contentions: 5 },
    `${ACKNOWLEDGED_HEX}00034341530005`,
  ],
  [
    'READ_TIMEOUT',
    ALL,
    { code: 0x1200, ...acknowledged, isDataPresent: true },
    `${ACKNOWLEDGED_HEX}01`,
  ],
  [
    'READ_FAILURE',
    BEFORE_V5,
    { code: 0x1300, ...acknowledged, failures: { count: 2 }, isDataPresent: false },
    `${ACKNOWLEDGED_HEX}0000000200`,
  ],
  [
    'READ_FAILURE v5',
    V5,
    {
      code: 0x1300,
      ...acknowledged,
      failures: { count: 1, reasons: [{ address: '1.2.3.4', reason: 1 }] },
      isDataPresent: true,
    },
    `${ACKNOWLEDGED_HEX}000000010401020304000101`,
  ],
  [
    'WRITE_FAILURE',
    BEFORE_V5,
    { code: 0x1500, ...acknowledged, failures: { count: 2 }, writeType: 'S' },
    `${ACKNOWLEDGED_HEX}00000002000153`,
  ],
  [
    'WRITE_FAILURE v5',
    V5,
    { code: 0x1500, ...acknowledged, failures: { count: 0, reasons: [] }, writeType: 'S' },
    `${ACKNOWLEDGED_HEX}00000000000153`,
  ],
  ['CAS_WRITE_UNKNOWN', ALL, { code: 0x1700, ...acknowledged }, ACKNOWLEDGED_HEX],
  [
    'FUNCTION_FAILURE',
    ALL,
    { code: 0x1400, keyspace: 'k', functionName: 'f', argumentTypes: ['a'] },
    '00016b0001660001000161',
  ],
  ['ALREADY_EXISTS', ALL, { code: 0x2400, keyspace: 'k', table: '' }, '00016b0000'],
  ['UNPREPARED', ALL, { code: 0x2500, preparedId: ID }, '00020102'],
]

for (const [name, versions, details, hex] of ERRORS) {
  const code = details.code.toString(16).padStart(8, '0')
  CASES.push([
    `ERROR ${name}`,
    versions,
    { kind: 'ERROR', code: details.code, message: 'm', details },
    `${code}00016d${hex}`,
  ])
}
const plain = [
  'SERVER_ERROR',
  'PROTOCOL_ERROR',
  'BAD_CREDENTIALS',
  'OVERLOADED',
  'IS_BOOTSTRAPPING',
  'TRUNCATE_ERROR',
  'CDC_WRITE_FAILURE',
  'SYNTAX_ERROR',
  'UNAUTHORIZED',
  'INVALID',
  'CONFIG_ERROR',
] as const
for (const name of plain) {
  const code = ERROR_CODE[name]
  CASES.push([
    `ERROR ${name}`,
    ALL,
    { kind: 'ERROR', code, message: '' },
    `${code.toString(16).padStart(8, '0')}0000`,
  ])
}

const FLAT = CASES.flatMap(([name, versions, message, hex]) =>
  versions.map(version => [name, version, message, hex] as const),
)

describe('message bodies', () => {
  it.each(FLAT)('%s in v%i', (_, version, message, hex) => {
    const writer = new ByteWriter(64)
    encodeBody(writer, message, version)
    expect(writer.view().toString('hex')).toBe(hex)
    const reader = new ByteReader(Buffer.from(hex, 'hex'))
    const decoded = decodeBody(reader, OPCODE[message.kind], version)
    expect(withoutDefaults(decoded)).toEqual(message)
    expect(remaining(reader)).toBe(0)
  })

  it.each(FLAT.filter(([, , , hex]) => hex !== ''))(
    '%s in v%i is never read past its end',
    (_, version, message, hex) => {
      const bytes = Buffer.from(hex, 'hex')
      const optional =
        message.kind === 'ERROR' && message.details?.code === ERROR_CODE.WRITE_TIMEOUT
      for (let end = 0; end < bytes.length; end++) {
        if (optional && end === bytes.length - 2) continue
        const reader = new ByteReader(bytes, 0, end)
        expect(() => decodeBody(reader, OPCODE[message.kind], version)).toThrow(/ended early/)
      }
    },
  )

  it.each([
    ['an unknown opcode', 0x04, ''],
    ['an unknown result kind', OPCODE.RESULT, '00000009'],
    ['an unknown event', OPCODE.EVENT, '000158'],
    ['an unknown batch type', OPCODE.BATCH, '030000'],
    ['an unknown batch child', OPCODE.BATCH, '00000102'],
    ['a batch with names', OPCODE.BATCH, '000000000140'],
    ['an unknown schema target', OPCODE.EVENT, '000d534348454d415f4348414e4745000158000158'],
    ['a negative row count', OPCODE.RESULT, '00000002' + '0000000400000000' + 'ffffffff'],
  ])('refuses %s', (_, opcode, hex) => {
    const reader = new ByteReader(Buffer.from(hex, 'hex'))
    expect(() => decodeBody(reader, opcode, 4)).toThrow(/unknown|expected|cannot/)
  })

  it('names error codes', () => {
    expect(errorCodeName(0x2500)).toBe('UNPREPARED')
    expect(errorCodeName(0x9999)).toBe('UNKNOWN(0x9999)')
  })
})

/** What decoding fills in and a message need not say. */
function withoutDefaults(message: CqlMessage): CqlMessage {
  const out = withoutUndefined(message) as Record<string, unknown>
  const parameters = out['parameters'] as Record<string, unknown> | undefined
  if (parameters?.['skipMetadata'] === false) delete parameters['skipMetadata']
  return out as unknown as CqlMessage
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([k, v]) => [k, withoutUndefined(v)]),
  )
}

describe('message frames', () => {
  const tracingId = '00112233-4455-6677-8899-aabbccddeeff'

  it('carries tracing id, warnings and custom payload in this order', () => {
    const writer = new ByteWriter(64)
    const options = {
      version: 4,
      stream: 1,
      tracingId,
      warnings: ['w'],
      customPayload: { p: ID },
    } as const
    const start = writeMessage(writer, { kind: 'RESULT', result: 'VOID' }, options)
    expect(writer.view().toString('hex')).toBe(
      '840e00010800000024' +
        tracingId.replaceAll('-', '') +
        '0001000177' +
        '000100017000000002' +
        '0102' +
        '00000001',
    )
    const view = new FrameView()
    readFrameHeader(writer.view(), start, view)
    expect(readMessage(view)).toEqual({
      message: { kind: 'RESULT', result: 'VOID' },
      tracingId,
      warnings: ['w'],
      customPayload: { p: ID },
    })
  })

  it('a request that asks for tracing has no tracing id', () => {
    const writer = new ByteWriter(64)
    writeMessage(writer, { kind: 'OPTIONS' }, { version: 5, stream: 2, tracing: true })
    expect(writer.view().toString('hex')).toBe('050200020500000000')
    const view = new FrameView()
    readFrameHeader(writer.view(), 0, view)
    expect(readMessage(view).tracingId).toBeUndefined()
  })

  it('refuses versions it does not speak', () => {
    const view = new FrameView()
    readFrameHeader(Buffer.from('860000010200000000', 'hex'), 0, view)
    expect(() => readMessage(view)).toThrow(/expected protocol 3 to 5, found 6/)
  })
})
