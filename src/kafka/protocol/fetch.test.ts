import { Writer } from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { encodeFetch, parseFetch } from './fetch.ts'
import { murmur2, partitionOfKey } from './murmur2.ts'

describe('encodeFetch', () => {
  it('writes version 12, topics grouped', () => {
    const bytes = encodeFetch(
      [
        { topic: 'ab', partition: 1, leaderEpoch: 4, fetchOffset: 2 ** 33 },
        { topic: 'c', partition: 0, leaderEpoch: -1, fetchOffset: 5 },
        { topic: 'ab', partition: 2, leaderEpoch: 4, fetchOffset: 0 },
      ],
      {
        waitMsMax: 500,
        bytesMin: 1,
        bytesMax: 1_000_000,
        partitionBytesMax: 1024,
        readCommitted: true,
        rack: 'r1',
      },
    )
    const partition = (id: string, epoch: string, offset: string) =>
      `${id}${epoch}${offset}ffffffffffffffffffffffff0000040000`
    expect(bytes.toString('hex')).toBe(
      [
        'ffffffff000001f400000001000f42400100000000ffffffff',
        '03',
        '036162',
        '03',
        partition('00000001', '00000004', '0000000200000000'),
        partition('00000002', '00000004', '0000000000000000'),
        '00',
        '0263',
        '02',
        partition('00000000', 'ffffffff', '0000000000000005'),
        '00',
        '01',
        '037231',
        '00',
      ].join(''),
    )
  })
})

describe('parseFetch', () => {
  it('keeps record sets as ranges and passes tagged fields', () => {
    const records = Buffer.from('these are records')
    const writer = Writer.create()
      .appendInt32(0)
      .appendInt16(0)
      .appendInt32(0)
      .appendArray(['t'], (topicWriter, topic) => {
        topicWriter.appendString(topic).appendArray([7, 8], (w, index) => {
          w.appendInt32(index).appendInt16(index === 8 ? 1 : 0)
          w.appendInt64(900n).appendInt64(890n).appendInt64(10n)
          const aborted = index === 7 ? [30n, 20n] : []
          w.appendArray(aborted, (a, offset) => a.appendInt64(5n).appendInt64(offset))
          w.appendInt32(index === 7 ? 2 : -1)
          if (index === 7) w.appendUnsignedVarInt(records.length + 1).append(records)
          else w.appendUnsignedVarInt(0)
        })
      })
      .appendTaggedFields()
    const parsed = parseFetch(Buffer.from(writer.buffer))
    const [first, second] = parsed.partitions
    expect(first).toMatchObject({
      topic: 't',
      partition: 7,
      errorCode: 0,
      highWatermark: 900,
      lastStableOffset: 890,
      logStartOffset: 10,
      preferredReplica: 2,
      aborted: [
        { producerId: 5, firstOffset: 20 },
        { producerId: 5, firstOffset: 30 },
      ],
    })
    expect(parsed.bytes.subarray(first!.start, first!.end)).toEqual(records)
    expect(second).toMatchObject({ partition: 8, errorCode: 1, aborted: [] })
    expect(second!.end).toBe(second!.start)
  })

  it('reads the tagged fields of a partition', () => {
    const head = '00000000' + '0000' + '00000000' + '02' + '0274' + '02'
    const partition = `00000000${'0000'}${'00'.repeat(24)}01ffffffff00`
    const tags = '0201080000000100000002' + '03021234'
    const parsed = parseFetch(Buffer.from(`${head}${partition}${tags}${'00'}${'00'}`, 'hex'))
    expect(parsed.partitions).toHaveLength(1)
    expect(parsed.partitions[0]).toMatchObject({ topic: 't', partition: 0, start: 50, end: 50 })
  })
})

describe('murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is what the Java client computes', (text, expected) => {
    expect(murmur2(Buffer.from(text))).toBe(expected)
    expect(partitionOfKey(Buffer.from(text), 10)).toBe((expected & 0x7fffffff) % 10)
  })
})
