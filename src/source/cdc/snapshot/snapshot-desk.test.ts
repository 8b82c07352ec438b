/**
 * How far capture is for a snapshot while changes wait for copies of other replicas: what agents have
 * read counts when what waited at that moment went on, and not a moment sooner.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MetricRegistry } from '../../../telemetry/index.ts'
import type { AgentStatus } from '../agent/node-agent.ts'
import { FRAME_HEADER_BYTES, Frame, writeFrame } from '../frame.ts'
import type { SourceCluster } from '../source-cluster.ts'
import { CaptureStore } from '../state/capture-store.ts'
import type { Channel } from '../state/records.ts'
import { SnapshotDesk } from './snapshot-desk.ts'

const channel = { id: 7, dataCenter: 'dc1', emit: 'primary' } as Channel
let folder: string
let store: CaptureStore
let readMs: number
let desk: SnapshotDesk

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  folder = mkdtempSync(join(tmpdir(), 'scamander-desk-'))
  store = CaptureStore.open(folder)
  readMs = 900
  desk = new SnapshotDesk({
    ...{ store, cluster: {} as SourceCluster, metrics: new MetricRegistry() },
    statuses: () => [{ dataCenter: 'dc1', state: 'RUNNING', caughtUpMs: readMs } as AgentStatus],
    isTransmitting: () => true,
  })
})

afterEach(() => {
  vi.useRealTimers()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A copy that is not the one of the primary replica. */
function hold(update: string): void {
  const bytes = Buffer.from(update.padEnd(20, '.'))
  const out = Buffer.alloc(FRAME_HEADER_BYTES + bytes.length)
  const facts = {
    ...{ version: 7, hostId: Buffer.alloc(16), segmentId: 1n, position: 1, updateIndex: 0 },
    ...{ token: 5n, schemaHash: 1n, readAtMs: 1000 },
  }
  writeFrame(out, 0, { facts, bytes, start: 0, end: bytes.length })
  const rule = { kind: 'primary', isPrimary: () => false } as const
  store.settle({
    ...{ hostId: 'host', isDeduplicated: true, rules: new Map([[channel.id, rule]]) },
    position: { segmentId: '1', position: 1, hadIndex: true, done: [] },
    frames: [{ frame: new Frame(out), channels: [channel.id] }],
  })
}

const standing = async () => (await desk.standing(channel)).caughtUpMs

it('is as far as the agents are while nothing waits', async () => {
  expect(await standing()).toBe(900)
})

it('is never further than what waits, however late it was read', async () => {
  hold('a')
  readMs = 999_000
  expect(await standing()).toBeUndefined()
  vi.setSystemTime(1_030_000)
  readMs = 1_029_000
  expect(await standing()).toBeUndefined()
  hold('b')
  store.releaseHeld(channel.id, 1_020_000, 0)
  // What waited at the first look went on; what came since did not.
  expect(await standing()).toBe(999_000)
  readMs = 1_031_000
  expect(await standing()).toBe(999_000)
  store.releaseHeld(channel.id, 1_040_000, 0)
  expect(await standing()).toBe(1_031_000)
})
