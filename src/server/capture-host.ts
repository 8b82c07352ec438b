/**
 * Capture inside a worker: opened when its properties ask for it, reachable for its connectors, closed
 * after them. A worker with `cdc.worker.url` has no queues; its connectors deliver those of that one.
 * Called by startStandalone and startDistributed. Invariant: at most one per process.
 * Spec: cdc-replication 1.2; docs/adr/0023-destinations-and-delivery-elsewhere.md, 0032-queues-in-topics.md.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { toRecord } from '../config/index.ts'
import type { WorkerConfig } from '../connect/index.ts'
import { CLIENT_KEYS, type KafkaClientSettings, toClientSettings } from '../kafka/index.ts'
import {
  Capture,
  type CaptureElsewhere,
  type CaptureSettings,
  CDC_ERRORS,
  FRAME_BYTES_MAX,
  OwnerFinder,
  openReplica,
  parseCapture,
  parseCaptureWorker,
  RemoteQueue,
  SourceCluster,
  setCapture,
  setRemoteQueue,
} from '../source/index.ts'
import { Logger, type MetricRegistry } from '../telemetry/index.ts'
import type { AttentionSource } from './attention/attention-desk.ts'
import { captureAttention } from './attention/capture-attention.ts'
import { CaptureWindow } from './capture-figures.ts'
import { capturePageRoutes, provideCapture } from './capture-page-routes.ts'
import { captureRoutes } from './capture-routes.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { Route } from './route.ts'

export interface CaptureHost {
  readonly routes: readonly Route[]
  /** What the page sees live. */
  provide(live: LiveHub): void
  /** What needs attention of it; undefined: it captures nothing. */
  readonly attention: AttentionSource | undefined
  /** The worker listens at this address. */
  announce(url: string): void
  close(): Promise<void>
}

interface HostParts {
  readonly logger: Logger
  readonly registry: MetricRegistry
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
}

const CLOSED: CaptureHost = {
  routes: [],
  provide: () => undefined,
  attention: undefined,
  announce: () => undefined,
  close: () => Promise.resolve(),
}

export async function openCapture(
  { settings, source }: WorkerConfig,
  parts: HostParts,
): Promise<CaptureHost> {
  const client = () => clientOf(source)
  const elsewhere = parseCaptureWorker(source)
  if (elsewhere !== undefined) return deliverFrom(elsewhere, client, parts)
  const parsed = parseCapture(source, settings.offsetFile)
  if (parsed === undefined) return CLOSED
  if (settings.offsetFile === '' && !source.entries.has('cdc.data.directory')) {
    const message =
      'cdc.data.directory: expected the folder of the queues, found none; set it, or set cdc.worker.url to the worker that captures'
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
  return await captureHere(parsed, client, parts)
}

async function captureHere(
  settings: CaptureSettings,
  client: () => KafkaClientSettings,
  { logger, registry, signal = NEVER }: HostParts,
): Promise<CaptureHost> {
  const { topics, dataDirectory: directory, warnings } = settings
  for (const warning of warnings) logger.warn(warning)
  const opened =
    topics === undefined
      ? undefined
      : await openReplica({ directory, topics, client: client(), logger, signal })
  const capture = Capture.open({
    ...{ settings, logger, metrics: registry },
    ...(opened === undefined ? {} : { opened }),
  })
  setCapture(capture)
  const window = new CaptureWindow(capture, registry)
  return {
    routes: [...captureRoutes(capture), ...capturePageRoutes(capture, window)],
    provide: live => provideCapture(live, { capture, window, logger }),
    attention: captureAttention(capture),
    announce: url => capture.announce(url),
    close: async () => {
      setCapture(undefined)
      window.close()
      await capture.close()
    },
  }
}

function deliverFrom(
  { url, prefix, authorization, hosts, settings }: CaptureElsewhere,
  client: () => KafkaClientSettings,
  { logger }: HostParts,
): CaptureHost {
  const finder =
    url === undefined
      ? new OwnerFinder({ client: client(), prefix, authorization, hosts, logger })
      : undefined
  const addressOf = () => finder?.address() ?? { url: url ?? '', authorization }
  setRemoteQueue(new RemoteQueue(addressOf, new SourceCluster(settings)))
  return {
    ...CLOSED,
    close: async () => {
      setRemoteQueue(undefined)
      await finder?.close()
    },
  }
}

const NEVER = new AbortController().signal

/** Of the worker's own clients, for topics of large records that nobody waits for in batches. */
function clientOf(source: WorkerConfig['source']): KafkaClientSettings {
  const own = Object.entries(toRecord(source)).filter(([key]) => key in CLIENT_KEYS)
  const properties = {
    ...{ 'bootstrap.servers': 'localhost:9092', ...Object.fromEntries(own) },
    ...{ 'client.id': 'scamander-capture', acks: 'all', 'enable.idempotence': 'true' },
    ...{ 'linger.ms': '0', 'compression.type': 'lz4' },
    // Agents wait for it, and a worker that stops.
    ...{ 'request.timeout.ms': '10000', 'delivery.timeout.ms': '20000' },
    'default.api.timeout.ms': '15000',
    'max.request.size': String(FRAME_BYTES_MAX + 64 * 1024),
    'buffer.memory': String(2 * FRAME_BYTES_MAX),
  }
  return toClientSettings(properties, LOUD_ENOUGH)
}

/** What is not said here is said by the worker about the same properties. */
const LOUD_ENOUGH = Logger.silent()
