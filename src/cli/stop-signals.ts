/**
 * SIGINT, SIGTERM and SIGHUP: the first asks for a clean end, the second ends the process at once.
 * Used by commands that run until they are stopped.
 * Invariant: after `release` the process reacts to signals as before.
 */
export interface StopSignals {
  /** Aborts with the first signal. */
  readonly signal: AbortSignal
  readonly stopped: Promise<void>
  release(): void
}

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const FORCED = 130

export function listenForStop(err: (text: string) => void): StopSignals {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(FORCED)
    err('stopping: what is in flight is finished and committed; once more to end at once\n')
    controller.abort()
    resolve()
  }
  for (const name of NAMES) process.on(name, onSignal)
  const release = () => {
    for (const name of NAMES) process.off(name, onSignal)
  }
  return { signal: controller.signal, stopped: promise, release }
}
