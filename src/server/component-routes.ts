/**
 * `GET /api/v1/components`: what the server stands on, for the card Health of Home: the clusters of its
 * Cassandra connections, its Kafka, and the worker itself.
 * Made where the server is put together. Invariants: the servers are asked at most every four seconds,
 * however many look; one that does not answer in time is down, and stops nobody.
 * Shapes: src/api-v1-home.ts. Spec: ui 5.1 (health), 6.
 */
import type { ComponentInfo } from '../api-v1-home.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Replicator } from '../replicate/index.ts'
import { diskPart } from './attention/server-attention.ts'
import type { Route } from './route.ts'
import type { DataPlane } from './v1/data-routes.ts'
import { v1Route } from './v1/problem.ts'
import { items } from './v1/v1-calls.ts'

export interface ComponentParts extends Pick<DataPlane, 'tables' | 'topics'> {
  readonly replicator: Replicator
  /** Of the product's data. */
  readonly folder: string
}

const FRESH_MS = 4_000
const ANSWER_MS = 4_000
/** Home is no list of clusters; the others are under Connections. */
const CLUSTERS_MAX = 5
const MEGABYTE = 1e6
const FULL_PART = 0.8

export function componentRoutes(parts: ComponentParts): Route[] {
  let known: { readonly atMs: number; readonly all: Promise<ComponentInfo[]> } | undefined
  const read = () => {
    const nowMs = performance.now()
    if (known === undefined || nowMs - known.atMs > FRESH_MS) {
      known = { atMs: nowMs, all: componentsOf(parts) }
    }
    return known.all
  }
  return [
    v1Route({
      method: 'GET',
      path: '/api/v1/components',
      summary: 'Clusters of Cassandra, Kafka and the worker, with their state.',
      handle: async () => items(await read()),
    }),
  ]
}

async function componentsOf(parts: ComponentParts): Promise<ComponentInfo[]> {
  const clusters = parts.replicator
    .connections()
    .filter(one => one.connector === 'cassandra')
    .slice(0, CLUSTERS_MAX)
  return await Promise.all([
    ...clusters.map(one => cassandraOf(parts, one)),
    ...(parts.topics.info().isSetUp ? [kafkaOf(parts)] : []),
    workerOf(parts.folder),
  ])
}

async function cassandraOf(
  { tables }: ComponentParts,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<ComponentInfo> {
  const of = { kind: 'cassandra', name } as const
  return await answerOf(of, async () => {
    const { version, nodes } = await tables.health(id)
    const facts = [nodes === 1 ? '1 node' : `${nodes} nodes`]
    return { ...of, state: 'UP', version, facts, problem: null }
  })
}

async function kafkaOf({ topics }: ComponentParts): Promise<ComponentInfo> {
  const of = { kind: 'kafka', name: topics.info().bootstrapServers } as const
  return await answerOf(of, async () => {
    const { brokers, underReplicated } = await topics.health()
    const facts = [
      brokers === 1 ? '1 broker' : `${brokers} brokers`,
      `${underReplicated} under-replicated`,
    ]
    const state = underReplicated === 0 ? 'UP' : 'WARNING'
    return { ...of, state, version: null, facts, problem: null }
  })
}

async function workerOf(folder: string): Promise<ComponentInfo> {
  const part = await diskPart(folder)
  const isFull = part !== undefined && part >= FULL_PART
  const memory = `${Math.round(process.memoryUsage.rss() / MEGABYTE)} MB`
  const disk = part === undefined ? [] : [`disk ${Math.round(part * 100)} %`]
  return {
    ...{ kind: 'worker', name: 'Worker', version: PRODUCT_VERSION, facts: [memory, ...disk] },
    state: isFull ? 'WARNING' : 'UP',
    problem: isFull ? 'The disk of the data folder is nearly full.' : null,
  }
}

type Named = Pick<ComponentInfo, 'kind' | 'name'>

/** In time, or down. */
async function answerOf(of: Named, ask: () => Promise<ComponentInfo>): Promise<ComponentInfo> {
  const late = Promise.withResolvers<never>()
  const seconds = ANSWER_MS / 1000
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${seconds} s`)), ANSWER_MS)
  try {
    return await Promise.race([ask(), late.promise])
  } catch (error) {
    const problem = messageOf(error)
    return { ...of, state: 'DOWN', version: null, facts: [], problem }
  } finally {
    clearTimeout(timer)
  }
}
