/**
 * A running proxy: its threads, its control server, its routing. The room's main entry.
 * Called by the command and by tests.
 * Invariant: what `startProxy` opened is closed when it rejects; `close` ends all of it.
 * Spec: live-migration 1, 2.
 */
import type { Logger } from '../telemetry/index.ts'
import { type ControlledProxy, ControlServer } from './control/control-server.ts'
import type { ProxyReport } from './control/proxy-report.ts'
import { type ProxyThread, startLocalThread, startWorkerThread } from './proxy-thread.ts'
import { SHARED_TIME_BYTES } from './request/timestamps.ts'
import type { Routing } from './session/proxy-context.ts'
import type { ProxySettings } from './settings/proxy-settings.ts'

export interface RunningProxy {
  readonly port: number
  /** Of metrics, health and control; undefined with --metrics false. */
  readonly metricsPort: number | undefined
  readonly control: ControlledProxy
  /** Rejects when the proxy cannot go on; never resolves. */
  readonly failed: Promise<never>
  /** Finishes requests in flight, up to 30 seconds. */
  close(): Promise<void>
}

export async function startProxy(settings: ProxySettings, logger: Logger): Promise<RunningProxy> {
  const threads: ProxyThread[] = []
  const { promise: failed, reject } = Promise.withResolvers<never>()
  // Who does not wait for it hears of it in the log.
  failed.catch(() => undefined)
  const control = new ThreadedProxy(settings, threads)
  let server: ControlServer | undefined
  const close = async () => {
    await server?.close()
    await Promise.all(threads.map(thread => thread.close()))
  }
  try {
    const port = await startThreads(settings, logger, threads)
    let metricsPort: number | undefined
    if (settings.metricsPort !== undefined) {
      server = new ControlServer(control, settings.controlToken)
      metricsPort = await server.start(settings.metricsPort, settings.proxyHost)
    }
    for (const thread of threads) thread.onFailed = reject
    return { port, metricsPort, control, failed, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The first thread finds the port when it is to be any free one. */
async function startThreads(
  settings: ProxySettings,
  logger: Logger,
  threads: ProxyThread[],
): Promise<number> {
  if (settings.threads === 1) {
    const local = startLocalThread(settings, logger)
    threads.push(local)
    return await local.start(settings.proxyPort)
  }
  const sharedTime = new SharedArrayBuffer(SHARED_TIME_BYTES)
  let port = settings.proxyPort
  for (let thread = 0; thread < settings.threads; thread++) {
    const worker = startWorkerThread(settings, { logger, thread, sharedTime })
    worker.onPrepared = statement => {
      for (const other of threads) if (other !== worker) other.addPrepared(statement)
    }
    threads.push(worker)
    port = await worker.start(port)
  }
  return port
}

class ThreadedProxy implements ControlledProxy {
  readonly routing: Routing
  readonly #threads: readonly ProxyThread[]

  constructor({ primary, readMode }: ProxySettings, threads: readonly ProxyThread[]) {
    this.routing = { primary, readMode, isTargetEnabled: true, epoch: 0 }
    this.#threads = threads
  }

  setRouting(change: Partial<Routing>): void {
    if (change.primary !== undefined && change.primary !== this.routing.primary) {
      this.routing.epoch += 1
    }
    Object.assign(this.routing, change)
    for (const thread of this.#threads) thread.setRouting({ ...this.routing })
  }

  async reports(): Promise<readonly ProxyReport[]> {
    return await Promise.all(this.#threads.map(thread => thread.report()))
  }
}
