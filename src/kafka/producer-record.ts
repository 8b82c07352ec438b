/**
 * A record as the producer takes it: what it says, and where it goes.
 * Made by the callers of RecordProducer.
 * Invariant: of `partition`, `partitionHash` and the key the first that is there decides the place.
 */
import type { RawHeader } from '../flow/index.ts'

export interface ProducerRecord {
  readonly topic: string
  /** Chosen by the hash, else by the key's, else in turns, when not given. */
  readonly partition?: number
  /** Whole and not negative. */
  readonly partitionHash?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  /** Now, when not given. */
  readonly timestampMs?: number
}
