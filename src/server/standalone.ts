/**
 * A standalone worker with its addresses: checks, listens, asks Kafka, starts the connectors of the
 * files, and ends all of it in reverse. Called by the command line and the demo.
 * Invariant: a start that fails leaves nothing running; it is told as one error.
 * Spec: connect-rest 6; design, decision 10.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigProvider, type ConfigSource, formatLint, toRecord } from '../config/index.ts'
import {
  type ConnectorFile,
  checkStandalone,
  StandaloneWorker,
  type TargetState,
  tracingKeysOf,
} from '../connect/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { AttentionDesk } from './attention/attention-desk.ts'
import type { Callers } from './callers.ts'
import { openCapture } from './capture-host.ts'
import { SERVER_ERRORS } from './errors.ts'
import { LiveHub } from './live/live-hub.ts'
import type { Route } from './route.ts'
import { prepareServing } from './serving.ts'
import { startTracing } from './start-tracing.ts'
import { withRights } from './v1/rights.ts'

export interface StandaloneOptions {
  /** The worker's properties. */
  readonly worker: ConfigSource
  readonly connectors: readonly ConfigSource[]
  readonly logger: Logger
  readonly registry?: MetricRegistry
  /** Traces with stacks. @default false */
  readonly isDebug?: boolean
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
  /** Served beside the REST API. @default none */
  readonly moreRoutes?: readonly Route[]
  /** Roles and API tokens. @default none */
  readonly callers?: Callers | undefined
  /** Named secrets of the server. @default every reference to one is an error */
  readonly secret?: ConfigProvider | undefined
  /** Gets the topics of the worker. @default one of its own */
  readonly live?: LiveHub | undefined
  /** Gets what this worker needs. @default one of its own */
  readonly attention?: AttentionDesk | undefined
}

export interface Standalone {
  readonly worker: StandaloneWorker
  /** Address of the REST API. */
  readonly url: string
  /** Undefined when metrics have no address of their own. */
  readonly metricsUrl: string | undefined
  /** Commits, closes and returns when nothing runs any more. */
  close(): Promise<void>
}

/** Resolves when every connector of the files runs; rejects with nothing left running. */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { logger, isDebug = false, registry = new MetricRegistry() } = options
  const { config, connectors } = checkStandalone(options.worker, options.connectors, {
    secret: options.secret,
  })
  for (const lint of config.warnings) logger.warn(formatLint(lint))
  const worker = new StandaloneWorker({ config, logger, registry, isDebug })
  const capture = await openCapture(config, { logger, registry, signal: options.signal })
  const { callers, live = new LiveHub() } = options
  const attention = options.attention ?? new AttentionDesk(logger.child({ room: 'server' }))
  capture.provide(live)
  if (capture.attention !== undefined) attention.add(capture.attention)
  if (options.attention === undefined) attention.provide(live)
  const ownRoutes = [
    ...(options.live === undefined ? live.routes() : []),
    ...(options.attention === undefined ? attention.routes() : []),
  ]
  const captureRoutes = callers === undefined ? capture.routes : withRights(capture.routes, callers)
  const moreRoutes = [...captureRoutes, ...ownRoutes, ...(options.moreRoutes ?? [])]
  const serving = prepareServing({
    ...{ config, herder: worker, logger, registry, moreRoutes, callers, live, attention },
  })
  const endTracing = await startTracing(tracingKeysOf(config.settings), { logger, registry })
  const close = async () => {
    if (options.attention === undefined) attention.close()
    await worker.close()
    await capture.close()
    await serving.close()
    await endTracing()
  }
  const stopped = abortOf(options.signal)
  try {
    const { url, advertised } = await serving.listen()
    worker.workerId = advertised.workerId
    capture.announce(advertised.url)
    const metricsUrl = await serving.listenMetrics()
    await Promise.race([startConnectors(worker, connectors, logger), stopped.promise])
    worker.markReady()
    return { worker, url, metricsUrl, close }
  } catch (error) {
    await close()
    throw error
  } finally {
    stopped.release()
  }
}

/** Rejects with the first failure; others than that are logged, each once. */
async function startConnectors(
  worker: StandaloneWorker,
  files: readonly ConnectorFile[],
  logger: Logger,
): Promise<void> {
  await worker.open()
  worker.markBooting()
  const starts = []
  for (const { name, source } of files) {
    const { started } = await worker.create(name, toRecord(source), targetOf(source))
    starts.push(...started.starts.map(start => start.then(error => ({ name, error }))))
  }
  const failures = (await Promise.all(starts)).flatMap(({ name, error }) =>
    error === undefined ? [] : [{ name, error }],
  )
  const [first, ...others] = failures
  if (first === undefined) return
  const told = new Set([first.error.message])
  for (const { name, error } of others) {
    if (told.has(error.message)) continue
    told.add(error.message)
    logger.child({ room: 'connect', connector: name }).error('a task did not start', error)
  }
  throw first.error
}

const TARGETS: Readonly<Record<string, TargetState>> = { paused: 'PAUSED', stopped: 'STOPPED' }

function targetOf(source: ConfigSource): TargetState {
  return TARGETS[source.initialState?.toLowerCase() ?? ''] ?? 'STARTED'
}

/** Rejects when the signal aborts. */
function abortOf(signal: AbortSignal | undefined) {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const abort = () => reject(new ScamanderError(SERVER_ERRORS.STOPPED, 'the start was stopped'))
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return { promise, release: () => signal?.removeEventListener('abort', abort) }
}
