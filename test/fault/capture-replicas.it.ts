/**
 * Capture from three nodes with three replicas: every change once while all is well; no change lost
 * and none twice when a node is killed and comes back, and when the worker is killed.
 * Starts three nodes of its own, with small heaps.
 * Spec: cdc-replication 10.3.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readProperties } from '../../src/config/index.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { Capture, type Channel, FrameDecoder, parseCapture } from '../../src/source/index.ts'
import { Logger, MetricRegistry } from '../../src/telemetry/index.ts'
import { removeFolder } from '../support/capture-servers.ts'
import { connectClient } from '../support/keyspace.ts'
import { until } from '../support/standalone.ts'

const ALL = Array.from({ length: 12 }, (_, i) => i)
const WRITES = 600
let sandbox: Sandbox
let client: Client
let capture: Capture
const folder = mkdtempSync(join(tmpdir(), 'scamander-replicas-'))

beforeAll(async () => {
  const yaml = { hinted_handoff_enabled: true }
  sandbox = await startSandbox({ nodes: 3, kafka: false, heapMb: 512, yaml })
  const cassandra = sandbox.description.cassandra!
  client = await connectClient(cassandra, {
    queryOptions: { consistency: types.consistencies.quorum },
  })
  const replication = `{'class': 'NetworkTopologyStrategy', '${cassandra.localDatacenter}': 3}`
  await client.execute(`CREATE KEYSPACE r WITH replication = ${replication}`)
  await client.execute('CREATE TABLE r.t (k int PRIMARY KEY, v text) WITH cdc = true')
  capture = openCapture()
  await capture.createDestination('d', {})
  await capture.createChannel({ keyspace: 'r', table: 't', destination: 'd' })
}, 300_000)

afterAll(async () => {
  await capture?.close()
  await client?.shutdown()
  await sandbox?.stop()
  removeFolder(folder)
}, 60_000)

function openCapture(): Capture {
  const { contactPoints, port } = sandbox.description.cassandra!
  const text = `cdc.contact.points=${contactPoints.join(',')}\ncdc.port=${port}\n`
  const settings = parseCapture(readProperties(text), join(folder, 'offsets'))!
  return Capture.open({ settings, logger: Logger.silent(), metrics: new MetricRegistry() })
}

/** Writes keys, trying again what is not confirmed; the value says how often it may have gone out. */
async function write(from: number, count: number): Promise<void> {
  let next = from
  const lane = async () => {
    while (next < from + count) {
      const key = next++
      // The time is the statement's own, so that a repetition is the same write.
      const at = 1_700_000_000_000_000 + key
      await until(`write ${key}`, () =>
        client
          .execute(`INSERT INTO r.t (k, v) VALUES (${key}, 'v${key}') USING TIMESTAMP ${at}`)
          .then(
            () => true,
            () => false,
          ),
      )
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

/** How often each key is in the queue. */
function counts(channel: Channel): Map<number, number> {
  const seen = new Map<number, number>()
  const decoder = new FrameDecoder()
  let after = 0
  for (;;) {
    const page = capture.read(channel, { after, partitions: ALL, limit: 1000 })
    if (page.length === 0) return seen
    for (const { seq, frame } of page) {
      after = seq
      if (frame.isControl) continue
      for (const event of decoder.decode(frame, capture.definitionOf(frame), channel)) {
        const key = Number(event.key[0]!.value)
        seen.set(key, (seen.get(key) ?? 0) + 1)
      }
    }
  }
}

async function expectOnce(total: number): Promise<void> {
  const channel = capture.channels()[0]!
  await until('every key in the queue', () => counts(channel).size >= total, 60_000)
  // Copies of the other replicas come a little later.
  const settle = capture.agents.map(one => one.position?.offset)
  await until('all three agents', () =>
    capture.agents.every((one, i) => one.position?.offset !== undefined || settle[i] === undefined),
  )
  const seen = counts(channel)
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i))
  expect([...seen].filter(([, times]) => times > 1)).toEqual([])
}

it('gives every change once', async () => {
  expect(capture.agents.map(one => one.state)).toEqual(['RUNNING', 'RUNNING', 'RUNNING'])
  await write(0, WRITES)
  await expectOnce(WRITES)
}, 90_000)

it('loses nothing and repeats nothing when a node is killed and comes back', async () => {
  const [, , third] = sandbox.nodes
  const writing = write(WRITES, WRITES)
  await third!.kill()
  await writing
  await third!.start()
  await write(WRITES * 2, 100)
  await expectOnce(WRITES * 2 + 100)
}, 180_000)

it('goes on where it stood when the worker is closed under load', async () => {
  const writing = write(WRITES * 2 + 100, WRITES)
  await capture.close()
  await writing
  capture = openCapture()
  await until(
    'three agents',
    () => capture.agents.filter(one => one.state === 'RUNNING').length === 3,
  )
  await expectOnce(WRITES * 3 + 100)
}, 120_000)
