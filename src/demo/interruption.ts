/**
 * Ctrl-C for demos: the first one ends the work, a second one the process at once.
 * Used by every demo of the room; the work gets a signal and closes what it opened.
 * Invariant: after it returned no handler is left.
 */
import type { Screen } from './screen.ts'

export const EXIT_CANCELLED = 130
const SAME_PRESS_MS = 500
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export async function withInterruption(
  screen: Screen,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const ending = new AbortController()
  let firstMs = 0
  const onSignal = () => {
    // Under npm one Ctrl-C arrives twice: from the terminal and from npm.
    if (ending.signal.aborted && performance.now() - firstMs < SAME_PRESS_MS) return
    if (ending.signal.aborted) process.exit(EXIT_CANCELLED)
    firstMs = performance.now()
    ending.abort()
    screen.release()
    screen.line('stopping; once more ends it at once')
  }
  for (const name of END_SIGNALS) process.on(name, onSignal)
  try {
    return await work(ending.signal)
  } finally {
    for (const name of END_SIGNALS) process.off(name, onSignal)
  }
}
