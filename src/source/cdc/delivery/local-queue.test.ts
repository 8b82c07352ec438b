/** Who gets which frames: priorities, turns, permits, one connector per destination. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { AuditLog } from '../audit-log.ts'
import { ChannelCounters } from '../channel-counters.ts'
import { FRAME_HEADER_BYTES, Frame, QUEUE_PARTITIONS, writeFrame } from '../frame.ts'
import type { SourceCluster } from '../source-cluster.ts'
import { CaptureStore } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import { LocalQueue } from './local-queue.ts'
import { START, take } from './queue-cursor.ts'

const ALL = Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i)
const NEVER = new AbortController().signal
let folder: string
let store: CaptureStore
let permits: number
let channels: Channel[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-queue-'))
  store = CaptureStore.open(folder, 0)
  permits = 1000
  channels = []
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function channel(id: number, priority: number): void {
  const more = { destination: 'd', transmissionEnabled: true, order: 'FIFO', priority }
  channels.push({ id, ...more } as Channel)
}

function fill(id: number, count: number): void {
  const frames = Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.from(`${id}/${i}`)
    const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
    const facts = {
      ...{ version: 8, hostId: Buffer.alloc(16), segmentId: 1n, position: 1, updateIndex: 0 },
      ...{ token: 0n, schemaHash: 1n, readAtMs: 1 },
    }
    writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
    return { frame: new Frame(out), channels: [id] }
  })
  const position = { segmentId: '1', position: id, hadIndex: true, done: [] }
  store.settle({ hostId: 'h', position, frames, isDeduplicated: false })
}

function queue(): LocalQueue {
  return new LocalQueue({
    ...{ store, counters: new ChannelCounters(), cluster: {} as SourceCluster },
    audit: { add: () => undefined } as unknown as AuditLog,
    destination: () => ({ name: 'd', transmissionEnabled: true, addresses: [], driver: {} }),
    channels: () => channels,
    definitionOf: () => {
      throw new Error('not asked for')
    },
    permits: () => permits,
    sliceMs: () => 60_000,
  })
}

const ask = (connector: string, task: string, last = 0) => ({
  ...{ destination: 'd', connector, task, partitions: ALL, last, framesMax: 2, waitMs: 1 },
  cursors: new Map(channels.map(one => [one.id, START])),
})

it('serves the most urgent channel, and equals in turn', async () => {
  channel(1, 2)
  channel(2, 1)
  channel(3, 1)
  for (const { id } of channels) fill(id, 3)
  const one = queue()
  const served = async (last: number) => (await one.poll(ask('c', '0', last), NEVER)).channel?.id
  expect([await served(0), await served(2), await served(3)]).toEqual([2, 3, 2])
})

it('asks for the position of a channel that it was not told of', async () => {
  channel(1, 1)
  fill(1, 1)
  const polled = await queue().poll({ ...ask('c', '0'), cursors: new Map() }, NEVER)
  expect(polled.unknown.map(each => each.id)).toEqual([1])
  expect(polled.frames).toEqual([])
})

it('shares the permits, and starves nobody', async () => {
  channel(1, 1)
  fill(1, 10)
  permits = 3
  const one = queue()
  expect((await one.poll(ask('c', '0'), NEVER)).frames.length).toBe(2)
  expect((await one.poll(ask('c', '1'), NEVER)).frames.length).toBe(1)
  expect((await one.poll(ask('c', '2'), NEVER)).frames.length).toBe(1)
  await one.release({ destination: 'd', connector: 'c', task: '0' })
  expect((await one.poll(ask('c', '2'), NEVER)).frames.length).toBe(2)
})

it('lets one connector alone serve a destination, until it has gone', async () => {
  channel(1, 1)
  const one = queue()
  await one.poll(ask('first', '0'), NEVER)
  await expect(one.poll(ask('second', '0'), NEVER)).rejects.toMatchObject({
    code: 'SCM_CDC_DESTINATION_BUSY',
  })
  await one.release({ destination: 'd', connector: 'first', task: '0' })
  await one.poll(ask('second', '0'), NEVER)
  expect(one.servedBy('d')).toBe('second')
})

it('forgets what is named as delivered and nothing else', async () => {
  channel(1, 1)
  fill(1, 4)
  const one = queue()
  const { from, frames } = await one.poll(ask('c', '0'), NEVER)
  const cursor = take(START, from, frames[0]!.seq)
  const { partition } = frames[0]!
  const reader = { destination: 'd', connector: 'c', task: '0' }
  await one.delivered(reader, [{ channelId: 1, partition, cursor }])
  expect(store.count(1).messages).toBe(3)
})
