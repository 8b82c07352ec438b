/**
 * The calls on the worker itself: version, health, metrics, beans.
 * `version` is the level of Kafka Connect whose API this is: clients choose features by it.
 * Spec: connect-rest 2.1, 19; cassandra-sink 8.
 */
import type { HealthInfo } from '../api.ts'
import type { Herder, WorkerHealth } from '../connect/index.ts'
import type { MetricRegistry } from '../telemetry/index.ts'
import { groupedNames } from './grouped-names.ts'
import { type Answer, json, type Route } from './route.ts'
import { pageRedirect } from './ui-routes.ts'

const CONNECT_VERSION = '4.1.1'

const HEALTHY: HealthInfo = {
  status: 'healthy',
  message: 'Worker has completed startup and is ready to handle requests.',
}
const NOT_HEALTHY = {
  starting: { code: 503, message: 'Worker is still starting up.' },
  unhealthy: {
    code: 500,
    message: 'Worker was unable to handle this request and may be unable to handle other requests.',
  },
}

export function workerRoutes(herder: Herder): Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      produces: 'any',
      summary: 'Version of the API, and the Kafka cluster; a browser is led to the web page.',
      handle: call =>
        pageRedirect(call) ??
        json(200, {
          version: CONNECT_VERSION,
          commit: 'unknown',
          kafka_cluster_id: herder.kafkaClusterId,
        }),
    },
    {
      method: 'GET',
      path: '/health',
      summary: 'Whether the worker takes requests: 200, 503 while it starts, 500 otherwise.',
      handle: async () => health(await herder.health()),
    },
  ]
}

function health({ status, stage }: WorkerHealth): Answer {
  if (status === 'healthy') return json(200, HEALTHY)
  const { code, message } = NOT_HEALTHY[status]
  const told = stage === undefined ? message : `${message} ${stage}`
  return json(code, { status, message: told } satisfies HealthInfo)
}

/** On the REST listener and on one of their own. */
export function metricRoutes(registry: MetricRegistry): Route[] {
  return [metricsRoute(registry), jmxRoute(registry)]
}

function metricsRoute(registry: MetricRegistry): Route {
  return {
    method: 'GET',
    path: '/metrics',
    produces: 'text',
    summary: 'Metrics in the Prometheus text format.',
    query: { names: "`grouped`: Kafka Connect's under the names that keep their group" },
    handle: async (call): Promise<Answer> => {
      const type = 'text/plain; version=0.0.4; charset=utf-8'
      const text = await registry.exposition()
      const body = call.query.get('names') === 'grouped' ? groupedNames(text) : text
      return { status: 200, text: { body, type } }
    },
  }
}

/** As Hadoop's daemons show theirs; a `*` may end the prefix. */
function jmxRoute(registry: MetricRegistry): Route {
  return {
    method: 'GET',
    path: '/jmx',
    summary: 'Beans under the JMX names of the DataStax sink.',
    query: { qry: 'prefix of the names; `*` may end it, `*:*` is all' },
    handle: async call => {
      const query = call.query.get('qry') ?? ''
      const prefix = query === '*:*' ? '' : query.replace(/\*$/, '')
      const beans = await registry.beans(prefix)
      return json(200, { beans: beans.map(({ name, attributes }) => ({ name, ...attributes })) })
    },
  }
}
