/**
 * The state of capture as records of topics and back: an empty file that is filled with them goes on
 * where the other stood, and what changed is told once and never before it is committed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FRAME_HEADER_BYTES, Frame, writeFrame } from '../frame.ts'
import { CaptureStore } from './capture-store.ts'

const CHANNEL = 3
const ALL = Array.from({ length: 12 }, (_, i) => i)
const HOST = 'host'
let folder: string
let opened: CaptureStore[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-mirror-'))
  opened = []
})

afterEach(() => {
  for (const store of opened) store.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(name: string): CaptureStore {
  const store = CaptureStore.open(join(folder, name), 0)
  opened.push(store)
  return store
}

function close(store: CaptureStore): void {
  opened = opened.filter(one => one !== store)
  store.close()
}

function frameOf(update: string): Frame {
  const bytes = Buffer.from(update.padEnd(20, '.'))
  const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
  const facts = {
    ...{ version: 7, hostId: Buffer.alloc(16), segmentId: 1n, position: 1, updateIndex: 0 },
    ...{ token: 5n, schemaHash: 1n, readAtMs: 1000 },
  }
  writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
  return new Frame(out)
}

const positionAt = (position: number) => ({
  ...{ segmentId: '1', position, hadIndex: true, done: [] },
})

function settle(store: CaptureStore, updates: readonly string[], position: number): void {
  store.settle({
    ...{ hostId: HOST, position: positionAt(position), isDeduplicated: true },
    frames: updates.map(update => ({ frame: frameOf(update), channels: [CHANNEL] })),
  })
}

const seqsOf = (store: CaptureStore) =>
  store.read(CHANNEL, { after: 0, partitions: ALL, limit: 100 }).map(one => one.seq)

it('fills an empty file with what another has', () => {
  const first = open('first')
  first.mirror.begin()
  first.put('destination', 'd', { name: 'd' })
  first.put('replica', 'owner', 'of this file alone')
  first.putNode(HOST, { hostId: HOST })
  first.putDefinition({ tableId: 't', hash: 9n, text: '{}' })
  settle(first, ['a', 'b', 'c'], 7)
  const state = [...first.mirror.take('others'), ...first.mirror.take('positions')]
  expect(first.mirror.take('others')).toEqual([])
  const frames = first.mirror.frames(CHANNEL, 0, 100)
  const second = open('second')
  second.mirror.restoreState(state)
  second.mirror.restoreFrames(CHANNEL, [...frames, ...frames])
  second.mirror.restoreSequence(CHANNEL, 99)
  close(second)
  const restored = open('second')
  expect(restored.readAll('destination')).toEqual([{ name: 'd' }])
  expect(restored.readAll('replica')).toEqual([])
  expect(restored.nodeRecords()).toEqual([{ hostId: HOST }])
  expect(restored.definition('t', 9n)).toBe('{}')
  expect(restored.position(HOST)).toMatchObject({ position: 7 })
  expect(seqsOf(restored)).toEqual(seqsOf(first))
  expect(restored.count(CHANNEL).messages).toBe(3)
  settle(restored, ['c', 'd'], 8)
  expect(seqsOf(restored).length).toBe(4)
  // Beyond every number that may have been given out.
  expect(seqsOf(restored).at(-1)).toBeGreaterThan(1_000_000)
})

it('tells no position of a batch that was not queued', () => {
  const store = open('only')
  store.mirror.begin()
  settle(store, ['a'], 1)
  expect(store.mirror.take('positions').length).toBe(1)
  const tooLarge = { frame: undefined as unknown as Frame, channels: [CHANNEL] }
  const broken = { hostId: HOST, position: positionAt(2), isDeduplicated: true, frames: [tooLarge] }
  expect(() => store.settle(broken)).toThrow()
  expect(store.mirror.take('positions')).toEqual([])
})

it('tells a change again that could not be written, unless it is older', () => {
  const store = open('only')
  store.mirror.begin()
  store.put('conf', 'permits', 1)
  const taken = store.mirror.take('others')
  store.mirror.giveBack(taken)
  expect(store.mirror.take('others')).toEqual(taken)
  store.put('conf', 'permits', 2)
  store.mirror.giveBack(taken)
  expect(store.mirror.take('others')).toEqual([['["config","conf","permits"]', '2']])
  store.remove('conf', 'permits')
  expect(store.mirror.take('others')).toEqual([['["config","conf","permits"]', null]])
})

it('restores a change under every number it has: a position may lie between them', () => {
  const store = open('only')
  const twice = [5, 99].map(seq => ({ seq, frame: frameOf('a').bytes }))
  store.mirror.restoreFrames(CHANNEL, [
    twice[0]!,
    { seq: 50, frame: frameOf('b').bytes },
    twice[1]!,
  ])
  expect(seqsOf(store)).toEqual([5, 50, 99])
})

it('forgets in the topic what was removed before the topic was told', () => {
  const store = open('only')
  store.put('conf', 'permits', 1)
  const keys = [
    ['config', 'conf', 'permits'],
    ['config', 'channel', 'gone'],
    ['sequence', '3'],
    ['owner'],
  ]
  store.mirror.begin(keys.map(key => JSON.stringify(key)))
  expect(store.mirror.take('others')).toEqual([
    ['["config","conf","permits"]', '1'],
    ['["config","channel","gone"]', null],
  ])
})

it('gives large frames in pages of few', () => {
  const store = open('only')
  const large = 'x'.repeat(3 * 1024 * 1024)
  settle(
    store,
    ['1', '2', '3'].map(one => one + large),
    1,
  )
  expect(store.mirror.frames(CHANNEL, 0, 100).map(one => one.seq)).toEqual([1, 2])
  expect(store.mirror.frames(CHANNEL, 2, 100).map(one => one.seq)).toEqual([3])
})
