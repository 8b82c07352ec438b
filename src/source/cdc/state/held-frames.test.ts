/**
 * Channels that do not give the first copy: what the copies of three replicas lead to, in every order,
 * over restarts, and when some never come.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Logger } from '../../../telemetry/index.ts'
import { EmitRules } from '../emit-rules.ts'
import { FRAME_FLAG, FRAME_HEADER_BYTES, Frame, writeFrame } from '../frame.ts'
import { CaptureStore } from './capture-store.ts'
import { type EmitRule, HeldFrames } from './held-frames.ts'
import type { Channel } from './records.ts'
import { SeenDigests } from './seen-digests.ts'

const CHANNEL = 7
const NODES = ['aa', 'bb', 'cc'].map(part => `${part.repeat(4)}-0000-0000-0000-000000000000`)
const ALL = Array.from({ length: 12 }, (_, i) => i)
const quorum: EmitRule = { kind: 'quorum', copies: 2 }
const primary: EmitRule = { kind: 'primary', isPrimary: hostId => hostId === NODES[1] }
let folder: string
let store: CaptureStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-held-'))
  store = CaptureStore.open(folder)
})

afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function frameOf(node: number, update: string): Frame {
  const bytes = Buffer.from(update.padEnd(20, '.'))
  const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
  const hostId = Buffer.from(NODES[node]!.replaceAll('-', ''), 'hex')
  const facts = {
    ...{ version: 7, hostId, segmentId: 1n, position: node, updateIndex: 0, token: 5n },
    ...{ schemaHash: 1n, readAtMs: 1000 },
  }
  writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
  return new Frame(out)
}

/** One copy of a write; true: another replica had given it. */
function give(rule: EmitRule, node: number, update: string): boolean {
  const copies = store.settle({
    ...{ hostId: NODES[node]!, isDeduplicated: true, rules: new Map([[CHANNEL, rule]]) },
    position: { segmentId: '1', position: 1, hadIndex: true, done: [] },
    frames: [{ frame: frameOf(node, update), channels: [CHANNEL] }],
  })
  return copies > 0
}

const queued = () =>
  store.read(CHANNEL, { after: 0, partitions: ALL, limit: 100 }).map(({ frame }) => frame)

it('gives a change once when a quorum of replicas has given it', () => {
  expect([give(quorum, 0, 'w'), queued().length]).toEqual([false, 0])
  expect([give(quorum, 0, 'w'), queued().length]).toEqual([true, 0])
  expect([give(quorum, 2, 'w'), queued().length]).toEqual([true, 1])
  expect([give(quorum, 1, 'w'), queued().length]).toEqual([true, 1])
})

it('gives the copy of the primary replica, whichever comes first', () => {
  give(primary, 0, 'late')
  expect(queued()).toEqual([])
  give(primary, 1, 'late')
  give(primary, 1, 'early')
  give(primary, 2, 'early')
  expect(queued().map(frame => frame.hostId)).toEqual([NODES[1], NODES[1]])
})

it('keeps what waits over a restart, and gives it marked when its time is over', () => {
  give(quorum, 0, 'alone')
  store.close()
  store = CaptureStore.open(folder)
  expect(store.releaseHeld(CHANNEL, Date.now() - 60_000, FRAME_FLAG.unconfirmed)).toBe(0)
  expect(store.releaseHeld(CHANNEL, Date.now() + 1000, FRAME_FLAG.unconfirmed)).toBe(1)
  expect(queued().map(frame => frame.isUnconfirmed)).toEqual([true])
  expect([give(quorum, 1, 'alone'), queued().length]).toEqual([true, 1])
  expect(store.releaseHeld(CHANNEL, Date.now() + 1000, FRAME_FLAG.unconfirmed)).toBe(0)
})

it('forgets what waits for a channel that is deleted', () => {
  give(quorum, 0, 'gone')
  store.dropHeld(CHANNEL)
  expect(store.releaseHeld(CHANNEL, Date.now() + 1000, FRAME_FLAG.overdue)).toBe(0)
})

it('drops what waits when the channel is emptied, and knows the copies that come later', () => {
  give(quorum, 0, 'waits')
  give(quorum, 0, 'given')
  give(quorum, 1, 'given')
  expect([store.truncate(CHANNEL), queued().length]).toEqual([2, 0])
  expect([give(quorum, 1, 'waits'), give(quorum, 2, 'waits')]).toEqual([true, true])
  expect(store.releaseHeld(CHANNEL, Date.now() + 1000, FRAME_FLAG.overdue)).toBe(0)
  expect(queued()).toEqual([])
  // What is written afterwards is kept.
  give(quorum, 0, 'later')
  give(quorum, 1, 'later')
  expect(queued().length).toBe(1)
})

it('holds no more bytes than it may, one change excepted, and goes on when some are given', () => {
  const db = new DatabaseSync(':memory:')
  const seen = new SeenDigests(db)
  const small = frameOf(0, 'small').bytes.length
  const held = new HeldFrames(db, small * 2)
  const offer = (text: string, node = 0) =>
    held.offer(CHANNEL, frameOf(node, text), quorum, seen).frame !== undefined
  expect(offer('x'.repeat(1000))).toBe(false)
  expect(() => offer('a')).toThrow(expect.objectContaining({ code: 'SCM_CDC_QUEUE_FULL' }))
  expect(offer('x'.repeat(1000), 1)).toBe(true)
  expect([offer('a'), offer('b')]).toEqual([false, false])
  expect(() => offer('c')).toThrow(/2 changes of \d+ bytes wait/)
  expect(() => held.checkRoom()).toThrow(/2 changes of \d+ bytes wait/)
  expect(held.release(CHANNEL, Date.now() + 1000, seen).length).toBe(2)
  held.checkRoom()
  expect(offer('c')).toBe(false)
  held.recount()
  expect(offer('d')).toBe(false)
  expect(() => offer('e')).toThrow(expect.objectContaining({ code: 'SCM_CDC_QUEUE_FULL' }))
  db.close()
})

it('gives what waits when the channel asks for the first copy from now on', async () => {
  give(quorum, 0, 'waiting')
  const channel = { id: CHANNEL, emit: 'first' } as Channel
  let woken = 0
  const rules = new EmitRules({
    ...{ store, logger: Logger.silent(), cluster: undefined as never },
    channels: () => [channel],
    statuses: () => [],
    wake: () => {
      woken++
    },
  })
  rules.start()
  await rules.stop()
  expect([queued().length, woken]).toEqual([1, 1])
  expect(rules.of(channel)).toBeUndefined()
})
