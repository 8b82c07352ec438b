/**
 * Capture inside a worker that runs alone: opened when its properties ask for it, reachable for its
 * connectors, closed after them.
 * Called by startStandalone. Invariant: at most one per process.
 * Spec: cdc-replication 1.2 (embedded).
 */
import type { WorkerConfig } from '../connect/index.ts'
import { Capture, parseCapture, setCapture } from '../source/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { captureRoutes } from './capture-routes.ts'
import type { Route } from './route.ts'

export interface CaptureHost {
  readonly routes: readonly Route[]
  close(): Promise<void>
}

export function openCapture(
  { settings, source }: WorkerConfig,
  { logger, registry }: { readonly logger: Logger; readonly registry: MetricRegistry },
): CaptureHost {
  const parsed = parseCapture(source, settings.offsetFile)
  if (parsed === undefined) return { routes: [], close: () => Promise.resolve() }
  const capture = Capture.open({ settings: parsed, logger, metrics: registry })
  setCapture(capture)
  return {
    routes: captureRoutes(capture),
    close: async () => {
      setCapture(undefined)
      await capture.close()
    },
  }
}
