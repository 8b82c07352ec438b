/**
 * Traces of a process that serves: switched on before it listens, closed after everything else.
 * Called by the starts of workers and of `scamander start`.
 * Invariant: a collector that is away or wrong is told and stops nothing.
 */
import {
  type Logger,
  type MetricRegistry,
  openTracing,
  type TracingKeys,
  watchCollector,
} from '../telemetry/index.ts'

/** The answer ends them. */
export async function startTracing(
  keys: TracingKeys,
  parts: { readonly logger: Logger; readonly registry: MetricRegistry },
): Promise<() => Promise<void>> {
  const logger = parts.logger.child({ room: 'telemetry' })
  const tracing = await openTracing(keys, { registry: parts.registry, logger })
  if (tracing === undefined) return () => Promise.resolve()
  const unwatch = watchCollector(logger)
  return async () => {
    await tracing.close()
    unwatch()
  }
}
