import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../base/byte-writer.ts'
import { PROTOCOL_VERSIONS } from '../primitive/protocol-version.ts'
import { type BoundValue, UNSET } from '../primitive/structures.ts'
import type { BatchTail } from './batch.ts'
import { writeMessage } from './message-frame.ts'
import { writeValues } from './query-parameters.ts'
import { beginBatch, beginExecute, endBatch, endExecute, writeBatchChild } from './write-path.ts'

const ID = Buffer.from('aabb', 'hex')
const ROW: readonly BoundValue[] = [Buffer.from([1]), null, UNSET]

function region(): Buffer {
  const writer = new ByteWriter(64)
  writeValues(writer, ROW)
  return writer.view()
}

/** Every combination of the optional fields, against the general encoder. */
const TAILS: [string, BatchTail][] = [
  ['nothing', {}],
  ['a timestamp', { timestamp: 1_700_000_000_000_001 }],
  ['serial consistency', { serialConsistency: 9, timestamp: 5n }],
  ['everything', { timestamp: 1, keyspace: 'k', nowInSeconds: 3 }],
]
const CASES = PROTOCOL_VERSIONS.flatMap(version =>
  TAILS.map(([name, tail]) => [version, name, tail] as const),
)

describe('write path', () => {
  it.each(CASES)('frames EXECUTE in v%i as the message does, with %s', (version, _, tail) => {
    const resultMetadataId = Buffer.from([7])
    const whole = new ByteWriter(64)
    const parameters = { consistency: 6, skipMetadata: true, values: ROW, ...tail }
    const message = { kind: 'EXECUTE', preparedId: ID, resultMetadataId, parameters } as const
    writeMessage(whole, message, { version, stream: 77 })

    const writer = new ByteWriter(64)
    writer.writeUInt8(0)
    const head = {
      version,
      stream: 77,
      preparedId: ID,
      resultMetadataId,
      consistency: 6,
      skipMetadata: true,
      ...tail,
    }
    const start = beginExecute(writer, head)
    writer.writeBytes(region())
    endExecute(writer, start, head)
    expect(start).toBe(1)
    expect(writer.view().subarray(1).toString('hex')).toBe(whole.view().toString('hex'))
  })

  it.each(CASES)('frames BATCH in v%i as the message does, with %s', (version, _, tail) => {
    const whole = new ByteWriter(64)
    const child = { preparedId: ID, values: ROW }
    const message = {
      kind: 'BATCH',
      type: 1,
      children: [child, child],
      consistency: 6,
      ...tail,
    } as const
    writeMessage(whole, message, { version, stream: 77 })

    const writer = new ByteWriter(64)
    const head = { version, stream: 77, type: 1, consistency: 6, ...tail } as const
    const start = beginBatch(writer, head)
    for (let i = 0; i < 2; i++) {
      writeBatchChild(writer, ID)
      writer.writeBytes(region())
    }
    endBatch(writer, start, { head, count: 2 })
    expect(writer.view().toString('hex')).toBe(whole.view().toString('hex'))
  })
})
