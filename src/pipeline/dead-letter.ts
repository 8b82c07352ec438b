/**
 * Builds dead-letter records: the original bytes unchanged, plus Connect's context headers.
 * The sink task hands them to a `DeadLetterWriter` (the kafka room's producer) and waits for it
 * before it commits past the record.
 * Spec: connect-rest 14.
 */
import type { ScamanderError, Stage } from '../base/scamander-error.ts'
import type { RawHeader, RawMessage } from '../flow/index.ts'

export interface DeadLetter {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestampMs: number
  readonly headers: readonly RawHeader[]
}

export interface DeadLetterWriter {
  /** Resolves when the broker has all of them; a failure is `retriable` or `fatal`. */
  write(letters: readonly DeadLetter[]): Promise<void>
  close(): Promise<void>
}

export interface DeadLetterContext {
  readonly connector: string
  readonly task: number
  /** errors.deadletterqueue.context.headers.enable */
  readonly contextHeaders: boolean
}

export interface FailedRecord {
  readonly message: RawMessage
  readonly stage: Stage
  readonly className: string
  readonly error: ScamanderError
}

const PREFIX = '__connect.errors.'

export function toDeadLetter(failed: FailedRecord, context: DeadLetterContext): DeadLetter {
  const { message } = failed
  return {
    // Copies: the letter outlives the fetch response that the message points into.
    key: copyOf(message.key()),
    value: copyOf(message.value()),
    timestampMs: message.timestampMs,
    headers: context.contextHeaders
      ? [...message.headers, ...contextHeaders(failed, context)]
      : message.headers,
  }
}

function copyOf(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

function contextHeaders(failed: FailedRecord, context: DeadLetterContext): RawHeader[] {
  const { message, error } = failed
  const texts: readonly (readonly [string, string])[] = [
    ['topic', message.topic],
    ['partition', String(message.partition)],
    ['offset', String(message.offset)],
    ['connector.name', context.connector],
    ['task.id', String(context.task)],
    ['stage', failed.stage],
    ['class.name', failed.className],
    ['exception.class.name', javaNameOf(error)],
    ['exception.message', error.message],
    ['exception.stacktrace', error.stack ?? error.message],
  ]
  return texts.map(([name, text]) => ({ name: PREFIX + name, value: Buffer.from(text) }))
}

/** Tools filter on the Java class: data failures are Connect's DataException. */
function javaNameOf(error: ScamanderError): string {
  return error.kind === 'data'
    ? 'org.apache.kafka.connect.errors.DataException'
    : 'org.apache.kafka.connect.errors.ConnectException'
}
