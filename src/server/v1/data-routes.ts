/**
 * Puts `/api/v1/data` together: the desks for tables and topics, made of the page's connections and the
 * worker's properties, and their routes. Used where the server is put together.
 * Invariant: nothing is connected before somebody looks.
 * Spec: ui 5.7, 6.
 */
import { TableDesk, TopicDesk } from '../../browse/index.ts'
import {
  type ConfigSource,
  providersOf,
  resolveProviders,
  secretProvider,
  subSource,
  toRecord,
} from '../../config/index.ts'
import { CLIENT_KEYS, toClientSettings } from '../../kafka/index.ts'
import type { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import type { Method, Route } from '../route.ts'
import { dataCassandraRows } from './data-cassandra-routes.ts'
import { dataKafkaRows } from './data-kafka-routes.ts'
import { v1Route } from './problem.ts'

export interface DataPlane {
  readonly tables: TableDesk
  readonly topics: TopicDesk
  readonly routes: readonly Route[]
  close(): Promise<void>
}

const BASE = '/api/v1'
const REGISTRY_KEY = 'schema.registry.url'

export function openData(
  replicator: Replicator,
  worker: ConfigSource | undefined,
  logger: Logger,
): DataPlane {
  const tables = new TableDesk(logger, id => replicator.cassandraAccess(id))
  const known = worker && resolved(worker, replicator)
  const topics = new TopicDesk({ kafka: kafkaOf(known), registry: registryOf(known), logger })
  const rows = [...dataCassandraRows(tables, replicator), ...dataKafkaRows(topics, replicator)]
  const routes = rows.map(([at, summary, handle]) => {
    const [method, path] = at.split(' ') as [Method, string]
    return v1Route({ method, path: `${BASE}${path}`, summary, handle })
  })
  const close = async () => {
    await Promise.all([tables.close(), topics.close()])
  }
  return { routes, tables, topics, close }
}

/** As the worker itself reads it. */
function resolved(worker: ConfigSource, { secrets }: Replicator): ConfigSource {
  const secret = secretProvider(name => secrets.open(name))
  return resolveProviders(worker, providersOf(worker, { secret }).providers)
}

/** The worker's own way to Kafka. */
function kafkaOf(worker: ConfigSource | undefined) {
  const servers = worker?.entries.get('bootstrap.servers')?.value
  if (worker === undefined || servers === undefined) return undefined
  const own = Object.entries(toRecord(worker)).filter(([key]) => key in CLIENT_KEYS)
  const properties = { ...Object.fromEntries(own), 'client.id': 'scamander-page' }
  return { servers, settings: toClientSettings(properties, Logger.silent()) }
}

/** The registry of the worker's converters, of values before that of keys. */
function registryOf(worker: ConfigSource | undefined) {
  if (worker === undefined) return undefined
  const all = ['value.converter.', 'key.converter.'].map(prefix =>
    toRecord(subSource(worker, prefix)),
  )
  return all.find(one => one[REGISTRY_KEY] !== undefined)
}
