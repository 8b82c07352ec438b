/** Queues, positions and digests in the state file, over transactions and reopening. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { START, take } from '../delivery/queue-cursor.ts'
import { FRAME_HEADER_BYTES, Frame, partitionOf, QUEUE_PARTITIONS, writeFrame } from '../frame.ts'
import { CaptureStore } from './capture-store.ts'
import type { NodePosition } from './records.ts'

const HOST = '00112233-4455-6677-8899-aabbccddeeff'
const ALL = Array.from({ length: QUEUE_PARTITIONS }, (_, i) => i)
let folder: string
let store: CaptureStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-store-'))
  store = CaptureStore.open(folder, 0)
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

it('forgets what several partitions and channels delivered at once', () => {
  settle(['a', 'b', 'c', 'd', 'e'], 10)
  const all = store.read(1, { after: 0, partitions: ALL, limit: 100 })
  const { partition } = all[0]!
  const done = (channelId: number, after: number, stretches: [number, number][] = []) => ({
    ...{ channelId, partition, cursor: { after, done: stretches } },
  })
  expect(store.trimAll([done(1, 2), done(2, 1, [[3, 4]]), done(3, 9)])).toEqual(
    new Map([
      [1, 2],
      [2, 3],
      [3, 0],
    ]),
  )
  expect([texts(1), texts(2)]).toEqual([
    ['c', 'd', 'e'],
    ['b', 'e'],
  ])
  expect(store.trimAll([{ ...done(1, 9), partition: partition + 1 }])).toEqual(new Map([[1, 0]]))
  expect(store.count(1).messages).toBe(3)
})

it('forgets what was delivered and never gives a number again', () => {
  settle(['a', 'b'], 10)
  const last = store.read(1, { after: 0, partitions: ALL, limit: 100 }).at(-1)!.seq
  store.trim(1, frame('a').partition, { after: last, done: [] })
  expect(texts(1)).toEqual([])
  expect(texts(2)).toEqual(['a', 'b'])
  store.close()
  store = CaptureStore.open(folder, 0)
  settle(['c'], 20)
  expect(store.read(1, { after: last, partitions: ALL, limit: 100 }).length).toBe(1)
})

it('gives no number again that the crash of a machine took back', () => {
  settle(['a'], 10)
  const disk = mkdtempSync(join(tmpdir(), 'scamander-disk-'))
  cpSync(folder, disk, { recursive: true })
  settle(['b', 'c'], 20)
  const last = store.lastSeq(1)
  store.close()
  cpSync(disk, folder, { recursive: true })
  rmSync(disk, { recursive: true })
  store = CaptureStore.open(folder, 0)
  expect([store.position(HOST), texts(1)]).toEqual([at(10), ['a']])
  settle(['b', 'c'], 20)
  // What was stored as delivered says nothing about what is read again.
  expect(texts(1, last)).toEqual(['b', 'c'])
})

it('gives no number again of a channel that was new when the machine crashed', () => {
  const first = frame('x')
  const of = (channels: number[]) => [{ frame: first, channels }]
  const of9 = (channel: number) =>
    store.read(channel, { after: 0, partitions: ALL, limit: 9 }).map(one => one.seq)
  const note = { hostId: HOST, isDeduplicated: false }
  store.settle({ ...note, position: at(10), frames: of([1]) })
  store.settle({ ...note, position: at(20), frames: of([9]) })
  const disk = mkdtempSync(join(tmpdir(), 'scamander-disk-'))
  // What is not in the files yet is what such a crash takes.
  cpSync(folder, disk, { recursive: true })
  store.settle({ ...note, position: at(30), frames: of([9]) })
  expect(of9(9)).toEqual([1, 2])
  store.close()
  cpSync(disk, folder, { recursive: true })
  rmSync(disk, { recursive: true })
  store = CaptureStore.open(folder, 0)
  store.settle({ ...note, position: at(30), frames: of([9]) })
  expect(of9(9).at(-1)).toBeGreaterThan(1_000_000)
})

it('gives no number again when a backup is brought back, or the file is lost', () => {
  const last = (at: number) => {
    settle(['x'], at)
    return store.read(1, { after: 0, partitions: ALL, limit: 100 }).at(-1)!.seq
  }
  const reopen = (nowMs: number) => {
    store.close()
    store = CaptureStore.open(folder, nowMs)
  }
  reopen(1_000_000)
  const first = last(10)
  const backup = mkdtempSync(join(tmpdir(), 'scamander-backup-'))
  store.close()
  cpSync(folder, backup, { recursive: true })
  // Opened again and again since: its numbers are far beyond those of the backup.
  store = CaptureStore.open(folder, 2_000_000)
  for (let i = 1; i <= 4; i++) reopen(2_000_000 + i * 600_000)
  const given = last(20)
  expect(given).toBeGreaterThan(first)
  store.close()
  cpSync(backup, folder, { recursive: true })
  rmSync(backup, { recursive: true })
  store = CaptureStore.open(folder, 5_000_000)
  expect(last(20)).toBeGreaterThan(given)
  store.close()
  rmSync(folder, { recursive: true })
  store = CaptureStore.open(folder, 6_000_000)
  expect(last(30)).toBeGreaterThan(given)
})

it('gives the newest slice of time first, and the rest in order afterwards', () => {
  settle(['a', 'b'], 10)
  const late = (text: string) => {
    const one = frame(text)
    one.bytes.writeBigInt64BE(200_000n, 66)
    return { frame: one, channels: [1] }
  }
  const frames = [late('x'), late('y'), late('z')]
  store.settle({ hostId: HOST, position: at(20), frames, isDeduplicated: false })
  let cursor = START
  const seen: string[] = []
  for (let turn = 0; turn < 6; turn++) {
    const page = store.page(1, { cursor, partitions: ALL, limit: 2, sliceMs: 60_000 })
    const last = page.frames.at(-1)
    if (last === undefined) break
    seen.push(...page.frames.map(one => one.frame.update.toString()))
    cursor = take(cursor, page.from, last.seq)
    if (turn === 0) expect(cursor).toEqual({ after: 0, done: [[3, 4]] })
  }
  expect(seen).toEqual(['x', 'y', 'z', 'a', 'b'])
  expect(cursor).toEqual({ after: 5, done: [] })
  const { partition } = frame('a')
  expect(store.trim(1, partition, { after: 1, done: [[3, 4]] })).toBe(3)
  expect(texts(1)).toEqual(['b', 'z'])
  expect(store.count(1).messages).toBe(2)
})

it('drops the oldest until the limit is kept, and says what', () => {
  settle(['a'.repeat(1000)], 10)
  expect(store.shrink(1, 10_000)).toBeUndefined()
  expect(store.shrink(1, 500)).toEqual({ messages: 1, fromMs: 1000, toMs: 1000 })
  expect(store.count(1)).toEqual({ messages: 0, bytes: 0, oldestAtMs: undefined })
})

it('recognises copies, also after a restart, for each channel alone', () => {
  expect(settle(['a', 'b'], 10, true)).toBe(0)
  store.close()
  store = CaptureStore.open(folder, 0)
  expect(settle(['b', 'c'], 20, true)).toBe(2)
  expect(texts(1)).toEqual(['a', 'b', 'c'])
})

it('keeps configuration and definitions', () => {
  store.put('destination', 'd', { name: 'd' })
  store.putDefinition({ tableId: 't', hash: 1n, text: 'x' })
  store.putDefinition({ tableId: 't', hash: 2n, text: 'y' })
  store.close()
  store = CaptureStore.open(folder, 0)
  expect(store.readAll('destination')).toEqual([{ name: 'd' }])
  expect([store.definition('t', 2n), store.definitionNumber('t', 2n)]).toEqual(['y', 2])
  expect(store.nextChannelId()).toBe(1)
  expect(store.nextChannelId()).toBe(2)
})

it('has one owner', () => {
  expect(() => CaptureStore.open(folder, 0)).toThrow(
    expect.objectContaining({ code: 'SCM_CDC_STATE' }),
  )
})
