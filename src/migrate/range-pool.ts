/**
 * Works on token ranges, several at once, in random order, until all are done or the run stops; and
 * tells how large a part of the selection a range is.
 * Used by copies and validations. Invariant: ends only when no range is under way any more.
 */
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import type { StoredRange } from './run-store.ts'
import type { SelectionSettings } from './settings.ts'
import { shuffle, type TokenRange } from './token-range.ts'

/** `work` deals with its own errors; one that escapes is thrown after all others ended. */
export async function forEachRange(
  ranges: readonly StoredRange[],
  concurrency: number,
  signal: AbortSignal,
  work: (range: StoredRange) => Promise<void>,
): Promise<void> {
  const queue = shuffle(ranges)
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined && !signal.aborted; next = queue.pop()) {
      await work(next)
    }
  }
  const count = Math.min(concurrency, queue.length)
  const ended = await Promise.allSettled(Array.from({ length: count }, worker))
  const failed = ended.find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** 0 to 1: the tokens of the range among those of the whole selection. */
export function rangeShare(
  { start, end }: TokenRange,
  { tokens, samplePercent }: SelectionSettings,
): number {
  const whole = (Number(tokens.end - tokens.start) + 1) * Math.min(1, samplePercent / 100)
  return end < start ? 0 : (Number(end - start) + 1) / whole
}

/** Tells now and then that something is tried again, and why. */
export function retryNote(logger: Logger, table: string): (error: unknown) => void {
  return error =>
    logger.warnLimited(`retry/${table}`, `table ${table}: ${messageOf(error)}; trying again`)
}
