/** Decoding a batch again after its schemas were fetched, while its partitions may have moved. */
import { describe, expect, it } from 'vitest'
import { RawMessage, SchemaNeeded } from '../flow/index.ts'
import { toDelivery } from './delivery.ts'
import { PositionTracker } from './position-tracker.ts'
import { RecordDecoder } from './record-decoder.ts'

const at = (partition: number, offset = 0) => ({ topic: 't', partition, offset })
const messageOf = (partition: number, offset: number) =>
  new RawMessage(
    { topic: 't', partition },
    { offset, timestampMs: 1 },
    { bytes: Buffer.from('v'), keyStart: 0, keyLength: -1, valueStart: 0, valueLength: 1 },
  )

/** Two partitions; the schema of the values comes when `isKnown` is set. */
function setup() {
  const state = { isKnown: false }
  const need = new SchemaNeeded('s', async () => undefined)
  const component = {
    decode: (_topic: string, _bytes: Buffer, _start: number, length: number) => {
      if (length >= 0 && !state.isKnown) throw need
      return { schema: null, value: null }
    },
    encode: () => null,
  }
  const header = { decode: () => ({ name: '', schema: null, value: null }), encode: () => null }
  const decoder = new RecordDecoder({
    key: { className: 'C', component },
    value: { className: 'C', component },
    header: { className: 'H', component: header },
    transforms: [],
  })
  const positions = new PositionTracker()
  for (const partition of [0, 1]) positions.assign(at(partition))
  const messages = [messageOf(0, 5), messageOf(1, 7)]
  const first = toDelivery(messages, decoder, positions)
  expect(first.needs.size).toBe(1)
  state.isKnown = true
  return { positions, again: () => toDelivery(messages, decoder, positions, { first }) }
}

describe('a batch that is decoded again', () => {
  it('is whole when nothing moved', () => {
    const { again } = setup()
    expect(again().reaches.map(one => [one.partition, one.nextOffset])).toEqual([
      [0, 6],
      [1, 8],
    ])
  })

  it('leaves out a partition that was given away and given back', () => {
    const { positions, again } = setup()
    positions.revoke(at(0))
    positions.assign(at(0, 2))
    const delivery = again()
    expect(delivery.reaches.map(one => one.partition)).toEqual([1])
    expect(delivery.records.map(one => one.origin.partition)).toEqual([1])
  })

  it('leaves out a partition that is read again from an earlier record', () => {
    const { positions, again } = setup()
    positions.startEpoch(at(1))
    expect(again().reaches.map(one => one.partition)).toEqual([0])
  })
})
