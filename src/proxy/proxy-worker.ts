/**
 * The entry of a worker thread: one proxy node, steered by messages of the main thread.
 * Started by proxy-thread.ts, never imported.
 * Invariant: ends after `close`, when every session is closed.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isScamanderError, messageOf } from '../base/scamander-error.ts'
import { Logger } from '../telemetry/index.ts'
import { PROXY_ERRORS } from './errors.ts'
import { fromPreparedMessage, toPreparedMessage } from './prepared/prepared-message.ts'
import { ProxyNode } from './proxy-node.ts'
import type { WorkerInput, WorkerNews, WorkerOrder } from './proxy-thread.ts'

const { settings, thread, level, sharedTime } = workerData as WorkerInput

function tell(news: WorkerNews): void {
  parentPort?.postMessage(news)
}

function fail(error: unknown): void {
  const code = isScamanderError(error) ? error.code : PROXY_ERRORS.LISTEN.code
  tell({ kind: 'failed', code, message: messageOf(error) })
}

function run(): void {
  const node = new ProxyNode({
    settings,
    logger: Logger.create({ level, fields: { room: 'proxy', task: thread } }),
    thread,
    sharedTime,
    announce: statement => tell({ kind: 'prepared', statement: toPreparedMessage(statement) }),
  })
  const obey = async (order: WorkerOrder): Promise<void> => {
    if (order.kind === 'start') tell({ kind: 'started', port: await node.start(order.port, true) })
    else if (order.kind === 'routing') node.setRouting(order.routing)
    else if (order.kind === 'prepared') node.addPrepared(fromPreparedMessage(order.statement))
    else if (order.kind === 'report') tell({ kind: 'report', id: order.id, report: node.report() })
    else {
      await node.close()
      tell({ kind: 'closed' })
      parentPort?.close()
    }
  }
  parentPort?.on('message', (order: WorkerOrder) => {
    obey(order).catch(fail)
  })
}

try {
  run()
} catch (error) {
  fail(error)
}
