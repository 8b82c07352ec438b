/**
 * A dead letter as people and filters see it: where the record came from, where and why it failed.
 * Read from the context headers that Connect and Scamander write; a letter without them has an
 * origin only where somebody names it.
 * Invariant: nothing here holds the key or the value of the record.
 * Spec: connect-rest 14.
 */
import type { RawHeader, RawMessage } from '../../flow/index.ts'

export interface LetterOrigin {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface Letter {
  /** In the dead-letter topic. */
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  /** Undefined: the letter does not tell. */
  readonly origin: LetterOrigin | undefined
  readonly connector: string
  readonly task: string
  readonly stage: string
  readonly className: string
  readonly exceptionClass: string
  readonly exceptionMessage: string
  /** How often it was replayed before. */
  readonly replayCount: number
}

const PREFIX = '__connect.errors.'
/** Counts the replays of a record, so that one that fails for ever does not go in circles. */
export const REPLAY_HEADER = 'scamander.dlq.replays'

export function toLetter(message: RawMessage): Letter {
  const texts = new Map(
    message.headers.map(({ name, value }) => [name, value === null ? '' : value.toString()]),
  )
  const text = (name: string) => texts.get(PREFIX + name) ?? ''
  return {
    partition: message.partition,
    offset: message.offset,
    timestampMs: message.timestampMs,
    origin: originOf(text),
    connector: text('connector.name'),
    task: text('task.id'),
    stage: text('stage'),
    className: text('class.name'),
    exceptionClass: text('exception.class.name'),
    exceptionMessage: text('exception.message'),
    replayCount: Number(texts.get(REPLAY_HEADER) ?? 0) || 0,
  }
}

function originOf(text: (name: string) => string): LetterOrigin | undefined {
  const topic = text('topic')
  const partition = Number(text('partition') || Number.NaN)
  const offset = Number(text('offset') || Number.NaN)
  if (topic === '' || !Number.isInteger(partition) || !Number.isInteger(offset)) return undefined
  return { topic, partition, offset }
}

/** The headers that the record had when it failed. */
export function originalHeaders(headers: readonly RawHeader[]): RawHeader[] {
  return headers.filter(({ name }) => !name.startsWith(PREFIX) && name !== REPLAY_HEADER)
}
