/**
 * Nodes that nobody captures from: told once they are not new to the worker, with a gap where nobody else
 * logs their changes, closed when an agent reads.
 */
import { expect, it } from 'vitest'
import type { NodeLink } from '../../cassandra/index.ts'
import { Logger } from '../../telemetry/index.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import type { ClusterNode } from './agent/node-facts.ts'
import type { ConfStore } from './capture-conf.ts'
import { GapBook } from './gap-book.ts'
import { NodeCover } from './node-cover.ts'
import type { Channel } from './state/records.ts'

const POINT = { port: 9042 }
const node = (hostId: string, isHere = false, dataCenter = 'dc1'): ClusterNode => ({
  ...{ hostId, isHere, dataCenter },
  point: { ...POINT, host: `${hostId}.example` },
})

/** A book that keeps its records in a map. */
function memory(): ConfStore {
  const all = new Map<string, unknown>()
  return {
    readAll: <T>() => [...all.values()] as T[],
    put: (_kind, key, value) => void all.set(key, value),
    remove: (_kind, key) => void all.delete(key),
  }
}

function scene(replicas: Record<string, string>) {
  const channel = { dataCenter: 'dc1', keyspace: 'shop', table: 't', collectionEnabled: true }
  const state = { nodes: [node('a')], read: ['a'], started: 0 }
  const rows = [{ keyspace_name: 'shop', replication: Object.entries(replicas) }]
  const gaps = new GapBook(memory(), Logger.silent())
  const cover = new NodeCover({
    cluster: {
      facts: async () => ({ name: 'c', dataCenter: 'dc1', nodes: state.nodes }),
      withLink: async work =>
        await work({ rows: async () => rows } as unknown as NodeLink, POINT as never),
    },
    ...{ gaps, logger: Logger.silent() },
    channels: () => [{ ...channel, destination: 'd' } as Channel],
    agents: {
      get statuses() {
        return state.read.map(hostId => ({ hostId, state: 'RUNNING' }) as AgentStatus)
      },
      startMissing: () => void state.started++,
    },
  })
  return { cover, gaps, state, trouble: () => cover.of(channel as Channel)?.message }
}

it.each([
  [{ class: 'SimpleStrategy', replication_factor: '1' }, 1],
  [{ class: 'NetworkTopologyStrategy', dc1: '1', dc2: '3' }, 1],
  [{ class: 'NetworkTopologyStrategy', dc1: '3' }, 0],
])('tells a node that joins, with replication %j and %d gap(s)', async (replication, count) => {
  const { cover, gaps, state, trouble } = scene(replication)
  await cover.check()
  expect(trouble()).toBeUndefined()
  state.nodes = [node('a'), node('b')]
  await cover.check()
  await cover.check()
  expect(trouble()).toContain('node b.example:9042 has no agent')
  expect(gaps.list()).toMatchObject(
    Array.from({ length: count }, () => ({ kind: 'node', node: 'b', toTime: null })),
  )
  state.read = ['a', 'b']
  await cover.check()
  expect([trouble(), state.started]).toEqual([undefined, 0])
  for (const gap of gaps.list()) {
    expect(Date.parse(gap.toTime!)).toBeGreaterThanOrEqual(Date.parse(gap.fromTime!))
  }
})

it('starts an agent for a node of this machine, and waits for agents after a start', async () => {
  const { cover, gaps, state, trouble } = scene({
    class: 'SimpleStrategy',
    replication_factor: '1',
  })
  state.nodes = [node('a'), node('b', true), node('c', false, 'dc2')]
  await cover.check()
  expect([trouble(), state.started, gaps.list()]).toEqual([undefined, 1, []])
})
