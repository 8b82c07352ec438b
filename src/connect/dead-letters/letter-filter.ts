/**
 * Which dead letters are meant: every condition that is given must hold.
 * Used by `dlq show` and `dlq replay`. A filter has a key, so that each has a position of its own
 * in the topic: letters that one replay passed over are still there for another.
 */
import { createHash } from 'node:crypto'
import type { Letter } from './letter.ts'

export interface LetterFilter {
  readonly connector?: string | undefined
  /** The topic that the record came from. */
  readonly topic?: string | undefined
  readonly stage?: string | undefined
  /** A part of the exception's class or message. */
  readonly error?: string | undefined
  /** By the timestamp of the record: from, inclusive. */
  readonly sinceMs?: number | undefined
  /** Until, exclusive. */
  readonly untilMs?: number | undefined
}

export function matchesLetter(letter: Letter, filter: LetterFilter): boolean {
  const { connector, topic, stage, error, sinceMs, untilMs } = filter
  if (connector !== undefined && letter.connector !== connector) return false
  if (topic !== undefined && letter.origin?.topic !== topic) return false
  if (stage !== undefined && letter.stage !== stage) return false
  if (sinceMs !== undefined && letter.timestampMs < sinceMs) return false
  if (untilMs !== undefined && letter.timestampMs >= untilMs) return false
  if (error === undefined) return true
  return [letter.exceptionClass, letter.exceptionMessage].some(text => text.includes(error))
}

/** Short, the same for the same filter and target; empty for none. */
export function filterKey(filter: LetterFilter, target: string): string {
  const given = Object.entries({ ...filter, target })
    .filter(([, value]) => value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  if (given.length === 0) return ''
  return createHash('sha256').update(JSON.stringify(given)).digest('hex').slice(0, 8)
}

/** The consumer group that keeps the position of a replay: one for each topic, filter and target. */
export function replayGroup(topic: string, filter: LetterFilter, target: string): string {
  const key = filterKey(filter, target)
  return `scamander-dlq-${topic}${key === '' ? '' : `-${key}`}`
}
