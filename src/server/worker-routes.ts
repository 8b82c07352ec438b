/**
 * The calls on the worker itself: version, health, loggers, metrics, beans.
 * `version` is the level of Kafka Connect whose API this is: clients choose features by it.
 * Spec: connect-rest 2.1, 2.5, 19; cassandra-sink 8.
 */
import type { HealthInfo, LoggerInfo } from '../api.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS, type StandaloneWorker } from '../connect/index.ts'
import type { Level, Logger, MetricRegistry } from '../telemetry/index.ts'
import { SERVER_ERRORS } from './errors.ts'
import { parseMember } from './request-body.ts'
import { type Answer, json, type Route } from './route.ts'

const CONNECT_VERSION = '4.1.1'

const HEALTHY: HealthInfo = {
  status: 'healthy',
  message: 'Worker has completed startup and is ready to handle requests.',
}
const STARTING: HealthInfo = { status: 'starting', message: 'Worker is still starting up.' }

export function workerRoutes(worker: StandaloneWorker, logger: Logger): Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      produces: 'any',
      handle: () =>
        json(200, {
          version: CONNECT_VERSION,
          commit: 'unknown',
          kafka_cluster_id: worker.kafkaClusterId,
        }),
    },
    {
      method: 'GET',
      path: '/health',
      handle: () => (worker.isReady ? json(200, HEALTHY) : json(503, STARTING)),
    },
    ...loggerRoutes(logger),
  ]
}

/** On the REST listener and on one of their own. */
export function metricRoutes(registry: MetricRegistry): Route[] {
  return [metricsRoute(registry), jmxRoute(registry)]
}

/** The Prometheus text format. */
function metricsRoute(registry: MetricRegistry): Route {
  return {
    method: 'GET',
    path: '/metrics',
    produces: 'text',
    handle: async (): Promise<Answer> => {
      const type = 'text/plain; version=0.0.4; charset=utf-8'
      return { status: 200, text: { body: await registry.exposition(), type } }
    },
  }
}

/** Beans under JMX names, as Hadoop's daemons show theirs; `qry` is a prefix, `*` may end it. */
function jmxRoute(registry: MetricRegistry): Route {
  return {
    method: 'GET',
    path: '/jmx',
    handle: call => {
      const query = call.query.get('qry') ?? ''
      const prefix = query === '*:*' ? '' : query.replace(/\*$/, '')
      const beans = registry.jmx
        .read(prefix)
        .map(({ name, attributes }) => ({ name, ...attributes }))
      return json(200, { beans })
    },
  }
}

const TO_LEVEL: Readonly<Record<string, Level>> = {
  ALL: 'trace',
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'error',
  OFF: 'off',
}

/** There is one logger: the root. */
function loggerRoutes(logger: Logger): Route[] {
  let modifiedMs: number | null = null
  const info = (): LoggerInfo => ({
    level: logger.level.toUpperCase(),
    last_modified: modifiedMs,
  })
  const path = '/admin/loggers/:logger'
  return [
    { method: 'GET', path: '/admin/loggers', handle: () => json(200, { root: info() }) },
    {
      method: 'GET',
      path,
      handle: call => {
        requireRoot(call.params['logger'])
        return json(200, info())
      },
    },
    {
      method: 'PUT',
      path,
      takesBody: true,
      handle: call => {
        requireRoot(call.params['logger'])
        logger.setLevel(levelOf(call.body))
        modifiedMs = Date.now()
        return json(200, ['root'])
      },
    },
  ]
}

function requireRoot(name: string | undefined): void {
  if (name === 'root') return
  throw new ScamanderError(SERVER_ERRORS.UNKNOWN_LOGGER, `Logger ${name} not found.`)
}

function levelOf(body: string): Level {
  const text = parseMember(body, 'level')
  if (text === undefined) {
    const message = "Desired 'level' parameter was not specified in request."
    throw new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
  }
  const level = TO_LEVEL[text.toUpperCase()]
  if (level !== undefined) return level
  throw new ScamanderError(SERVER_ERRORS.UNKNOWN_LOGGER, `invalid log level '${text}'.`)
}
