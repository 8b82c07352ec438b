/**
 * The background process of `sandbox up --detach`: holds the servers until `down` signals it.
 * Started by detached.ts with an IPC channel, over which the options come and the outcome goes.
 * Invariant: it ends when the start failed, when the starter is gone before the start succeeded, or
 * on a signal; its end ends the servers.
 */
import { isScamanderError, messageOf } from '../base/scamander-error.ts'
import type { HolderMessage, HolderOptions } from './detached.ts'
import { startSandbox } from './sandbox.ts'

const controller = new AbortController()
const { promise: ended, resolve: end } = Promise.withResolvers<void>()
let isReady = false

function tell(message: HolderMessage): Promise<void> {
  return new Promise(resolve => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve())
    else resolve()
  })
}

function cancel(): void {
  controller.abort()
  end()
}

async function hold(options: HolderOptions): Promise<void> {
  try {
    const sandbox = await startSandbox({
      ...options,
      keep: true,
      holder: 'command',
      signal: controller.signal,
      progress: line => void tell({ kind: 'progress', line }),
    })
    isReady = true
    await tell({ kind: 'ready' })
    await ended
    await sandbox.stop()
  } catch (error) {
    const code = isScamanderError(error) ? error.code : ''
    await tell({ kind: 'failed', code, message: messageOf(error) })
    process.exitCode = 1
  }
  if (process.connected) process.disconnect()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, cancel)
process.on('disconnect', () => {
  if (!isReady) cancel()
})
process.once('message', message => void hold(message as HolderOptions))
