/**
 * Capture inside a worker: opened when its properties ask for it, reachable for its connectors, closed
 * after them. A worker with `cdc.worker.url` has no queues; its connectors deliver those of that one.
 * Called by startStandalone and startDistributed. Invariant: at most one per process.
 * Spec: cdc-replication 1.2; docs/adr/0023-destinations-and-delivery-elsewhere.md.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { WorkerConfig } from '../connect/index.ts'
import {
  Capture,
  CDC_ERRORS,
  parseCapture,
  parseCaptureWorker,
  RemoteQueue,
  SourceCluster,
  setCapture,
  setRemoteQueue,
} from '../source/index.ts'
import type { Logger, MetricRegistry } from '../telemetry/index.ts'
import { CaptureWindow } from './capture-figures.ts'
import { capturePageRoutes, provideCapture } from './capture-page-routes.ts'
import { captureRoutes } from './capture-routes.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { Route } from './route.ts'

export interface CaptureHost {
  readonly routes: readonly Route[]
  /** What the page sees live. */
  provide(live: LiveHub): void
  close(): Promise<void>
}

const CLOSED: CaptureHost = {
  routes: [],
  provide: () => undefined,
  close: () => Promise.resolve(),
}

export function openCapture(
  { settings, source }: WorkerConfig,
  { logger, registry }: { readonly logger: Logger; readonly registry: MetricRegistry },
): CaptureHost {
  const elsewhere = parseCaptureWorker(source)
  if (elsewhere !== undefined) return deliverFrom(elsewhere)
  const parsed = parseCapture(source, settings.offsetFile)
  if (parsed === undefined) return CLOSED
  if (settings.offsetFile === '' && !source.entries.has('cdc.data.directory')) {
    const message =
      'cdc.data.directory: expected the folder of the queues, found none; set it, or set cdc.worker.url to the worker that captures'
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
  const capture = Capture.open({ settings: parsed, logger, metrics: registry })
  setCapture(capture)
  const window = new CaptureWindow(capture, registry)
  return {
    routes: [...captureRoutes(capture), ...capturePageRoutes(capture, window)],
    provide: live => provideCapture(live, { capture, window, logger }),
    close: async () => {
      setCapture(undefined)
      window.close()
      await capture.close()
    },
  }
}

function deliverFrom({
  address,
  settings,
}: NonNullable<ReturnType<typeof parseCaptureWorker>>): CaptureHost {
  setRemoteQueue(new RemoteQueue(address, new SourceCluster(settings)))
  return {
    ...CLOSED,
    close: async () => setRemoteQueue(undefined),
  }
}
