/** What the looks at a gap lead to: when replicas change, and when it grows, in the meantime. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Logger } from '../../telemetry/index.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import { nameOfChannel } from './channel-requests.ts'
import { GapBook } from './gap-book.ts'
import { GapHealer } from './gap-healer.ts'
import { CaptureStore } from './state/capture-store.ts'
import type { Channel, NodePosition } from './state/records.ts'

const AT = Date.parse('2024-01-01T12:00:00Z')
const channel = {
  ...{ keyspace: 'k', table: 't', dataCenter: 'dc1', destination: 'd' },
} as Channel
const status = (hostId: string, seconds: number) =>
  ({ hostId, caughtUpMs: AT + seconds * 1000, corrupt: 0, undecodable: 0 }) as AgentStatus

let folder: string
let store: CaptureStore
let book: GapBook

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-healer-'))
  store = CaptureStore.open(folder)
  book = new GapBook(store, Logger.silent())
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const vanish = (from: number, to: number, fromMs: number | undefined = AT) =>
  book.open({
    ...{ kind: 'segments', node: 'a', fromSegment: `${from}`, toSegment: `${to}` },
    ...{ fromMs, toMs: AT + to * 1000, channels: [nameOfChannel(channel)], reason: 'gone' },
  })

/** One look at all gaps. */
async function look(replicas: string, more: { isOld?: boolean; meanwhile?: () => void } = {}) {
  const { isOld = false, meanwhile } = more
  const set = [...replicas].map(hostId => ({ hostId, dc: 'dc1' }))
  const session = {
    tokenRing: async () => {
      meanwhile?.()
      return { replicaSets: [set] }
    },
    close: async () => undefined,
  }
  const healer = new GapHealer({
    ...{ gaps: book, cluster: { control: async () => session as never }, logger: Logger.silent() },
    channels: () => [channel],
    statuses: () => [status('a', 99), status('b', 50)],
    loggedMs: () => AT + 99_000,
    positionOf: () => (isOld ? {} : { sinceMs: 1 }) as NodePosition,
  })
  healer.start()
  await healer.stop()
  return book.list().map(one => one.state)
}

it('heals what the other replica gave', async () => {
  vanish(5, 9)
  expect(await look('ab')).toEqual(['healed'])
})

it('leaves a gap open that had no other replica, whatever is added later', async () => {
  vanish(5, 9)
  expect(await look('a')).toEqual(['open'])
  expect(await look('ab')).toEqual(['open'])
})

it('heals nothing of a node that is read since nobody knows when', async () => {
  vanish(5, 9)
  expect(await look('ab', { isOld: true })).toEqual(['open'])
})

it('goes by what a gap is after the replicas were asked', async () => {
  vanish(5, 9)
  expect(await look('ab', { meanwhile: () => vanish(10, 60) })).toEqual(['suspected'])
  expect(book.list()[0]).toMatchObject({ fromSegment: '5', toSegment: '60' })
})

it('takes the earlier beginning of a gap that grows', () => {
  vanish(5, 9)
  expect(vanish(10, 11, AT - 1000).fromTime).toBe(new Date(AT - 1000).toISOString())
  const grown = book.open({
    ...{ kind: 'segments', node: 'a', fromSegment: '12', toSegment: '12', fromMs: undefined },
    ...{ toMs: AT + 99, channels: [], reason: 'gone' },
  })
  expect(grown.fromTime).toBeNull()
})
