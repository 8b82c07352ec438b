import { CompressionAlgorithms, createRecordsBatch } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { NO_TIMESTAMP, type RawMessage } from '../../flow/index.ts'
import { COMPRESSIONS } from './compression.ts'
import { crc32c, crc32cByTables } from './crc32c.ts'
import { lastBatchNextOffset, RecordReader } from './record-reader.ts'
import { type BatchRecord, encodeBatch } from './record-writer.ts'

const origin = { topic: 'orders', partition: 3 }

/** One batch written out: base offset 1000, two records at offsets 1000 and 1001. */
function handBatch(options: { attributes?: number; producerId?: bigint; control?: Buffer } = {}) {
  const records = Buffer.from(
    [
      // length 16, attributes, timestamp +0, offset +0, key "k1", value "hello", no headers
      ['1a', '00', '00', '00', '04', '6b31', '0a', '68656c6c6f', '00'],
      // length 17, attributes, timestamp +300, offset +1, null key, null value, header h="v"
      ['16', '00', 'd804', '02', '01', '01', '02', '02', '68', '02', '76'],
    ]
      .flat()
      .join(''),
    'hex',
  )
  const body = options.control ?? records
  const batch = Buffer.alloc(61 + body.length)
  batch.writeBigInt64BE(1000n, 0)
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(7, 12)
  batch[16] = 2
  batch.writeInt16BE(options.attributes ?? 0, 21)
  batch.writeInt32BE(options.control === undefined ? 1 : 0, 23)
  batch.writeBigInt64BE(1_700_000_000_000n, 27)
  batch.writeBigInt64BE(1_700_000_000_300n, 35)
  batch.writeBigInt64BE(options.producerId ?? -1n, 43)
  batch.writeInt32BE(options.control === undefined ? 2 : 1, 57)
  body.copy(batch, 61)
  return sealed(batch)
}

function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21, batch.length), 17)
  return batch
}

function at(batch: Buffer, baseOffset: number): Buffer {
  const copy = Buffer.from(batch)
  copy.writeBigInt64BE(BigInt(baseOffset), 0)
  return copy
}

function readAll(
  bytes: Buffer,
  options: Partial<ConstructorParameters<typeof RecordReader>[2]> = {},
) {
  const reader = new RecordReader(bytes, [0, bytes.length], {
    origin,
    fromOffset: 0,
    checkCrc: true,
    ...options,
  })
  const messages: RawMessage[] = []
  reader.read(messages, 1_000_000)
  return { messages, reader }
}

describe('RecordReader', () => {
  it('reads keys, values, headers, offsets and timestamps of a batch written by hand', () => {
    const bytes = handBatch()
    const { messages, reader } = readAll(bytes)
    expect(messages).toHaveLength(2)
    const [first, second] = messages as [RawMessage, RawMessage]
    expect([first.topic, first.partition, first.offset]).toEqual(['orders', 3, 1000])
    expect([first.timestampMs, second.timestampMs]).toEqual([1_700_000_000_000, 1_700_000_000_300])
    expect(first.key()?.toString()).toBe('k1')
    expect(first.value()?.toString()).toBe('hello')
    expect(first.bytes).toBe(bytes)
    expect(first.headers).toEqual([])
    expect([second.offset, second.key(), second.value()]).toEqual([1001, null, null])
    expect(second.headers).toEqual([{ name: 'h', value: Buffer.from('v') }])
    expect([reader.nextOffset, reader.hasMore]).toEqual([1002, false])
  })

  it('gives the append time of the log to every message', () => {
    const { messages } = readAll(handBatch({ attributes: 8 }))
    expect(messages.map(m => m.timestampMs)).toEqual([1_700_000_000_300, 1_700_000_000_300])
  })

  it('says so when a batch has no timestamp', () => {
    const batch = handBatch()
    batch.writeBigInt64BE(-1n, 27)
    const { messages } = readAll(sealed(batch))
    expect(messages.map(m => m.timestampMs)).toEqual([NO_TIMESTAMP, NO_TIMESTAMP])
  })

  it('leaves out messages below the wanted offset', () => {
    const { messages } = readAll(handBatch(), { fromOffset: 1001 })
    expect(messages.map(m => m.offset)).toEqual([1001])
  })

  it('goes on in the middle of a batch, one message at a time', () => {
    const bytes = Buffer.concat([handBatch(), at(handBatch(), 1002)])
    const reader = new RecordReader(bytes, [0, bytes.length], {
      origin,
      fromOffset: 0,
      checkCrc: true,
    })
    const seen: number[] = []
    while (reader.hasMore) {
      const one: RawMessage[] = []
      reader.read(one, 1)
      expect(one).toHaveLength(1)
      seen.push(one[0]!.offset)
      expect(reader.nextOffset).toBe(one[0]!.offset + 1)
    }
    expect(seen).toEqual([1000, 1001, 1002, 1003])
  })

  it('leaves an incomplete batch at the end alone', () => {
    const whole = handBatch()
    for (const cut of [1, 20, 60, whole.length - 1]) {
      const bytes = Buffer.concat([whole, at(whole, 1002).subarray(0, cut)])
      expect(readAll(bytes).messages).toHaveLength(2)
      expect(lastBatchNextOffset(bytes, 0, bytes.length)).toBe(1002)
    }
    expect(lastBatchNextOffset(whole, 0, 40)).toBe(-1)
  })

  it('passes control batches and moves the position behind them', () => {
    const marker = handBatch({
      attributes: 0x30,
      control: Buffer.from('1000000004000000010000', 'hex'),
    })
    const { messages, reader } = readAll(Buffer.concat([marker, at(handBatch(), 1001)]))
    expect(messages.map(m => m.offset)).toEqual([1001, 1002])
    expect(readAll(marker).reader.nextOffset).toBe(1001)
    expect(reader.nextOffset).toBe(1003)
  })

  it('leaves out aborted transactions up to their marker, for read_committed only', () => {
    const marker = Buffer.from('1000000004000000000000', 'hex')
    const bytes = Buffer.concat([
      at(handBatch({ attributes: 0x10, producerId: 5n }), 0),
      at(handBatch({ attributes: 0x10, producerId: 6n }), 2),
      at(handBatch({ attributes: 0x30, producerId: 5n, control: marker }), 4),
      at(handBatch({ attributes: 0x10, producerId: 5n }), 5),
      at(handBatch(), 7),
    ])
    const aborted = [{ producerId: 5, firstOffset: 0 }]
    expect(readAll(bytes, { aborted }).messages.map(m => m.offset)).toEqual([2, 3, 5, 6, 7, 8])
    expect(readAll(bytes).messages.map(m => m.offset)).toEqual([0, 1, 2, 3, 5, 6, 7, 8])
  })

  it.each([
    ['a flipped bit', (b: Buffer) => (b[70]! ^= 1), /CRC is/],
    ['format 1', (b: Buffer) => (b[16] = 1), /batch format is 1/],
    ['an offset beyond 2^53', (b: Buffer) => (b[0] = 0x10), /beyond 2\^53/],
    ['a record longer than the batch', (b: Buffer) => sealed(set(b, 61, 0x7e)), /record length/],
    ['a value longer than its record', (b: Buffer) => sealed(set(b, 68, 0x70)), /longer than/],
    ['an unknown codec', (b: Buffer) => sealed(set(b, 22, 5)), /does not decompress/],
  ])('refuses %s, naming the partition', (_name, damage, message) => {
    const bytes = handBatch()
    damage(bytes)
    expect(() => readAll(bytes)).toThrow(message)
    expect(() => readAll(bytes)).toThrow(/orders-3 near offset 0/)
  })

  it('does not look at the CRC when told so', () => {
    const bytes = handBatch()
    bytes[17]! ^= 1
    expect(readAll(bytes, { checkCrc: false }).messages).toHaveLength(2)
  })

  it.each(COMPRESSIONS)('reads what the client library writes, compression %s', name => {
    const messages = Array.from({ length: 300 }, (_, i) => ({
      topic: 't',
      key: i % 3 === 0 ? undefined : Buffer.from(`key ${i}`),
      value: Buffer.from(`value ${i} `.repeat(i % 40)),
      headers: new Map([[Buffer.from('a'), Buffer.from(`${i}`)]]),
      timestamp: 1_700_000_000_000n + BigInt(i * 1000),
    }))
    const writer = createRecordsBatch(messages as Parameters<typeof createRecordsBatch>[0], {
      compression: CompressionAlgorithms[upper(name)],
    })
    const found = readAll(Buffer.from(writer.buffer)).messages
    expect(found).toHaveLength(300)
    for (const [i, message] of found.entries()) {
      expect(message.key()).toEqual(messages[i]!.key ?? null)
      expect(message.value()).toEqual(messages[i]!.value)
      expect(message.headers).toEqual([{ name: 'a', value: Buffer.from(`${i}`) }])
      expect(message.timestampMs).toBe(1_700_000_000_000 + i * 1000)
    }
  })

  it('reads snappy in the block framing of the Java client', () => {
    const records: BatchRecord[] = [plain('one'), plain('two')]
    const snappy = encodeBatch(records, 'snappy')
    const block = snappy.subarray(61)
    const head = Buffer.from('82534e415050590000000001000000010000000000', 'hex').subarray(0, 16)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    const framed = Buffer.concat([snappy.subarray(0, 61), head, length, block])
    framed.writeInt32BE(framed.length - 12, 8)
    const { messages } = readAll(sealed(framed))
    expect(messages.map(m => m.value()?.toString())).toEqual(['one', 'two'])
  })
})

describe('crc32c', () => {
  it.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['a', 0xc1d04330],
    ['The quick brown fox jumps over the lazy dog', 0x22620404],
  ])('of %j', (text, expected) => {
    const bytes = Buffer.from(`x${text}x`)
    expect(crc32c(bytes, 1, bytes.length - 1)).toBe(expected)
    expect(crc32cByTables(bytes, 1, bytes.length - 1)).toBe(expected)
  })
})

function plain(value: string): BatchRecord {
  return { key: null, value: Buffer.from(value), headers: [], timestampMs: 1 }
}

function set(bytes: Buffer, position: number, value: number): Buffer {
  bytes[position] = value
  return bytes
}

function upper(name: string): keyof typeof CompressionAlgorithms {
  return name.toUpperCase() as keyof typeof CompressionAlgorithms
}
