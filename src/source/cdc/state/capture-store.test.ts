/** Queues, positions and digests in the state file, over transactions and reopening. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FRAME_HEADER_BYTES, Frame, partitionOf, QUEUE_PARTITIONS, writeFrame } from '../frame.ts'
import { CaptureStore } from './capture-store.ts'
import type { NodePosition } from './records.ts'

const HOST = '00112233-4455-6677-8899-aabbccddeeff'
const ALL = Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i)
let folder: string
let store: CaptureStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-store-'))
  store = CaptureStore.open(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function frame(text: string, token = 0n): Frame {
  const bytes = Buffer.from(text)
  const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
  const hostId = Buffer.from(HOST.replaceAll('-', ''), 'hex')
  const facts = {
    ...{ version: 8, hostId, segmentId: 5n, position: 77, updateIndex: 1, token },
    ...{ schemaHash: 2n ** 63n, readAtMs: 1000 },
  }
  writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
  return new Frame(out)
}

const at = (position: number): NodePosition => ({
  ...{ segmentId: '5', position, hadIndex: true, done: ['4'] },
})

function settle(texts: readonly string[], position: number, isDeduplicated = false): number {
  const frames = texts.map(text => ({ frame: frame(text), channels: [1, 2] }))
  return store.settle({ hostId: HOST, position: at(position), frames, isDeduplicated })
}

const texts = (channel: number, after = 0) =>
  store
    .read(channel, { after, partitions: ALL, limit: 100 })
    .map(one => one.frame.update.toString())

it('keeps every field of a frame', () => {
  const one = frame('update', -(2n ** 63n))
  expect(one).toMatchObject({
    ...{ version: 8, hostId: HOST, segmentId: 5n, position: 77, updateIndex: 1 },
    ...{ schemaHash: 2n ** 63n, readAtMs: 1000, partition: 0 },
  })
  expect(one.update.toString()).toBe('update')
  expect(one.digest.equals(frame('update', 9n).digest)).toBe(true)
})

it('tells control frames, whose copies may differ', () => {
  const write = (text: string) => {
    const body = Buffer.concat([Buffer.alloc(16), Buffer.from(text)])
    const out = Buffer.alloc(FRAME_HEADER_BYTES + body.length)
    const facts = {
      ...{ version: 8, hostId: Buffer.alloc(16), segmentId: 5n, position: 77, updateIndex: 1 },
      ...{ token: 0n, schemaHash: 1n, readAtMs: 1000, flags: 8, identity: 'TRUNCATE t' },
    }
    writeFrame(out, 0, { facts, bytes: body, start: 0, end: body.length })
    return new Frame(out)
  }
  expect(write('{"at":1}')).toMatchObject({ isControl: true, controlText: '{"at":1}' })
  expect(write('{"at":1}').digest.equals(write('{"at":2}').digest)).toBe(true)
  expect(frame('a').isControl).toBe(false)
})

it('deals tokens out to partitions in order', () => {
  expect(partitionOf(-(2n ** 63n))).toBe(0)
  expect(partitionOf(0n)).toBe(QUEUE_PARTITIONS / 2)
  expect(partitionOf(2n ** 63n - 1n)).toBe(QUEUE_PARTITIONS - 1)
})

it('queues per channel, in order, with the position', () => {
  settle(['a', 'b'], 10)
  settle(['c'], 20)
  expect([texts(1), texts(2)]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ])
  expect(store.position(HOST)).toEqual(at(20))
  expect(store.count(1)).toMatchObject({ messages: 3, oldestAtMs: 1000 })
})

it('forgets what was delivered and never gives a number again', () => {
  settle(['a', 'b'], 10)
  const last = store.read(1, { after: 0, partitions: ALL, limit: 100 }).at(-1)!.seq
  store.trim(1, frame('a').partition, last)
  expect(texts(1)).toEqual([])
  expect(texts(2)).toEqual(['a', 'b'])
  store.close()
  store = CaptureStore.open(folder)
  settle(['c'], 20)
  expect(store.read(1, { after: last, partitions: ALL, limit: 100 }).length).toBe(1)
})

it('recognises copies, also after a restart, for each channel alone', () => {
  expect(settle(['a', 'b'], 10, true)).toBe(0)
  store.close()
  store = CaptureStore.open(folder)
  expect(settle(['b', 'c'], 20, true)).toBe(2)
  expect(texts(1)).toEqual(['a', 'b', 'c'])
})

it('keeps configuration and definitions', () => {
  store.put('destination', 'd', { name: 'd' })
  store.putDefinition({ tableId: 't', hash: 1n, text: 'x' })
  store.putDefinition({ tableId: 't', hash: 2n, text: 'y' })
  store.close()
  store = CaptureStore.open(folder)
  expect(store.readAll('destination')).toEqual([{ name: 'd' }])
  expect([store.definition('t', 2n), store.definitionNumber('t', 2n)]).toEqual(['y', 2])
  expect(store.nextChannelId()).toBe(1)
  expect(store.nextChannelId()).toBe(2)
})

it('has one owner', () => {
  expect(() => CaptureStore.open(folder)).toThrow(
    expect.objectContaining({ code: 'SCM_CDC_STATE' }),
  )
})
