/**
 * What must be true before a table is captured: capture is on at every node that answers, the table
 * exists with replicas in the data centre, and is logged for capture, which is set when it is not.
 * Used by Capture for new channels.
 * Spec: cdc-replication 2.3 (create).
 */
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import type { ClusterFacts, ClusterNode } from './agent/node-facts.ts'
import type { ChannelRequest } from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { SourceCluster } from './source-cluster.ts'

/** Those of a data centre, which must be one of the cluster's. */
export function nodesOf({ nodes }: ClusterFacts, dataCenter: string): ClusterNode[] {
  const found = nodes.filter(node => node.dataCenter === dataCenter)
  if (found.length > 0) return found
  const known = [...dataCentersOf(nodes)].join(', ')
  throw invalid(`data center: expected one of ${known}, found "${dataCenter}"`)
}

export function dataCentersOf(nodes: readonly ClusterNode[]): ReadonlySet<string> {
  return new Set(nodes.map(node => node.dataCenter))
}

/** Every node that answers must have capture on. */
export async function checkNodes(
  cluster: SourceCluster,
  nodes: readonly ClusterNode[],
): Promise<void> {
  const off: string[] = []
  for (const { point } of nodes) {
    const facts = await cluster.node(point).catch(() => undefined)
    if (facts?.isCdcEnabled === false) off.push(`${point.host}:${point.port}`)
  }
  if (off.length === 0) return
  const message = `expected cdc_enabled: true in cassandra.yaml, found false on ${off.join(', ')}`
  throw new ScamanderError(CDC_ERRORS.NO_CDC, message)
}

export interface TablePlace {
  readonly dataCenter: string
  /** All of the cluster. */
  readonly dataCenters: ReadonlySet<string>
  readonly isForCassandra: boolean
}

/** Checks that the table can be captured and lets it be; what was changed, for people. */
export async function prepareTable(
  cluster: Pick<SourceCluster, 'table' | 'enableCdc'>,
  request: ChannelRequest,
  { dataCenter, dataCenters, isForCassandra }: TablePlace,
): Promise<string[]> {
  const { keyspace, table } = request
  const facts = await cluster.table(keyspace, table)
  if (/^system(_|$)/.test(keyspace)) throw invalid(`keyspace: ${keyspace} is a system keyspace`)
  const { class: strategy = '' } = facts.replication
  const isHere = facts.replication[dataCenter] !== undefined
  if (strategy.endsWith('NetworkTopologyStrategy') && !isHere) {
    throw invalid(`keyspace: ${keyspace} has no replicas in data center ${dataCenter}`)
  }
  if (strategy.endsWith('SimpleStrategy') && dataCenters.size > 1) {
    const where = [...dataCenters].sort().join(' and ')
    const message = `keyspace: ${keyspace} has its replicas anywhere in ${where} (SimpleStrategy), so that none of them logs all changes`
    throw invalid(`${message}; give it the NetworkTopologyStrategy first`)
  }
  if (isForCassandra && facts.isCounter) {
    throw invalid(`table: ${keyspace}.${table} has counters, which are not replicated to Cassandra`)
  }
  if (facts.isCdc) return []
  if (request.noAlter === true) {
    const message = `expected ${keyspace}.${table} with cdc = true; run: ALTER TABLE ${keyspace}.${table} WITH cdc = true`
    throw new ScamanderError(CDC_ERRORS.NO_CDC, message)
  }
  try {
    await cluster.enableCdc(keyspace, table)
  } catch (cause) {
    const message = `${keyspace}.${table} has cdc = false and was not altered (${messageOf(cause)}); run as a login that may: ALTER TABLE ${keyspace}.${table} WITH cdc = true`
    throw new ScamanderError(CDC_ERRORS.NO_CDC, message, { cause })
  }
  return [`table ${keyspace}.${table} was altered: cdc = true`]
}

function invalid(message: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.SETTING, message)
}
