import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import {
  ByteReader,
  decodeBody,
  type FrameView,
  OPCODE,
  type ProtocolVersion,
  readFrameHeader,
  FrameView as View,
  writeMessage,
} from '../../cql/index.ts'
import { type Cluster, SOURCE, TARGET } from '../cluster.ts'
import { insertValues } from '../prepared/added-values.ts'
import { PreparedStatement } from '../prepared/prepared-statement.ts'
import { classify } from '../statement/classify.ts'
import { DualRequest } from './dual-request.ts'
import { readParameters } from './request-places.ts'
import { TimestampGenerator } from './timestamps.ts'

const OWNER = { onSettled: () => undefined, onUnprepared: () => undefined }
const ID = Buffer.from('0123456789abcdef')

function frameOf(message: Parameters<typeof writeMessage>[1], version: ProtocolVersion): FrameView {
  const writer = new ByteWriter(256)
  writeMessage(writer, message, { version, stream: 9 })
  const frame = new View()
  readFrameHeader(Buffer.from(writer.view()), 0, frame)
  return frame
}

/** The message that reaches a cluster. */
function sent(request: DualRequest, cluster: Cluster) {
  const writer = new ByteWriter(256)
  const start = request.writeTo(writer, 77, cluster)
  const frame = new View()
  readFrameHeader(Buffer.from(writer.view()), start, frame)
  expect([frame.stream, frame.end]).toEqual([77, writer.position])
  const reader = new ByteReader(frame.bytes, frame.start, frame.end)
  return decodeBody(reader, frame.opcode, frame.version as ProtocolVersion)
}

function statementWith(target: Buffer): PreparedStatement {
  const statement = new PreparedStatement({
    clientId: ID,
    query: 'q',
    clientQuery: 'q',
    keyspace: undefined,
    info: classify('INSERT INTO t (k) VALUES (?)'),
    isFiltered: false,
    added: [],
    obstacle: undefined,
  })
  statement.setIds(SOURCE, ID, Buffer.from('source'))
  statement.setIds(TARGET, target, Buffer.from('target metadata'))
  return statement
}

function executeRequest(version: ProtocolVersion, target: Buffer, more: object = {}): DualRequest {
  const values = [Buffer.from('value')]
  const parameters = { consistency: 6, values, ...more }
  const resultMetadataId = Buffer.from('source')
  const frame = frameOf({ kind: 'EXECUTE', preparedId: ID, resultMetadataId, parameters }, version)
  const request = new DualRequest(frame, OWNER, { targetConsistency: 10 }, SOURCE)
  request.statementClass = 'write'
  const metadataAt = version >= 5 ? frame.start + 18 : -1
  const statement = statementWith(target)
  request.ids = [{ at: frame.start, length: 16, statement, metadataAt, metadataLength: 6 }]
  const reader = new ByteReader(frame.bytes, frame.start + 18 + (version >= 5 ? 8 : 0), frame.end)
  const places = readParameters(reader, version)
  request.consistencyAt = places.consistencyAt
  request.flagsAt = places.flagsAt
  request.timestampAt = frame.end
  return request
}

describe('EXECUTE per cluster', () => {
  it.each<[ProtocolVersion, string]>([
    [3, 'another id that is longer'],
    [4, '0123456789abcdef'],
    [5, 'short'],
  ])('version %s: ids, timestamp and consistency', (version, target) => {
    const request = executeRequest(version, Buffer.from(target), { serialConsistency: 9 })
    request.timestamp = 1_700_000_000_000_001
    const [source, other] = [sent(request, SOURCE), sent(request, TARGET)]
    const parameters = { serialConsistency: 9, timestamp: 1_700_000_000_000_001n }
    expect(source).toMatchObject({ preparedId: ID, parameters: { ...parameters, consistency: 6 } })
    expect(other).toMatchObject({
      preparedId: Buffer.from(target),
      parameters: { ...parameters, consistency: 10 },
    })
    if (version < 5) return
    expect(source).toMatchObject({ resultMetadataId: Buffer.from('source') })
    expect(other).toMatchObject({ resultMetadataId: Buffer.from('target metadata') })
  })

  it('version 5: the timestamp goes before the fields that follow it', () => {
    const request = executeRequest(5, ID, { nowInSeconds: 5 })
    request.timestampAt = request.end - 4
    request.timestamp = 42
    const parameters = { timestamp: 42n, nowInSeconds: 5 }
    expect(sent(request, SOURCE)).toMatchObject({ parameters })
  })

  it('the journal keeps the client id and the timestamp', () => {
    const request = executeRequest(4, Buffer.from('other'))
    request.timestamp = 43
    const body = request.journalBody()
    const message = decodeBody(new ByteReader(body), OPCODE.EXECUTE, 4)
    expect(message).toMatchObject({
      preparedId: ID,
      parameters: { timestamp: 43n, consistency: 6 },
    })
  })

  it('added values stand where the calls stood', () => {
    const request = executeRequest(4, ID)
    const reader = new ByteReader(request.bytes, request.flagsAt + 1, request.end)
    const variable = (index: number) => ({ index, result: 'uuid' as const, name: undefined })
    request.edits = insertValues(reader, [variable(0), variable(2)], false)
    const message = sent(request, SOURCE)
    if (message.kind !== 'EXECUTE') throw new Error(message.kind)
    const lengths = message.parameters.values?.map(value => (value as Buffer).length)
    expect(lengths).toEqual([16, 5, 16])
  })
})

describe('timestamps', () => {
  it('rise strictly and never fall behind the clock', () => {
    let now = 1_000
    const generator = new TimestampGenerator(() => now)
    expect([generator.next(), generator.next()]).toEqual([1_000_000, 1_000_001])
    now = 999
    expect(generator.next()).toBe(1_000_002)
    now = 1_001
    expect(generator.next()).toBe(1_001_000)
  })
})
