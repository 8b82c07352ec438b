/**
 * Offsets of a source connector from the outside: the positions in the worker's offset store,
 * shown, changed and deleted. Called by the worker for a connector that is stopped (changes) or in
 * any state (reads), as sink-offsets.ts is for sinks.
 * Invariant: a change is checked as a whole, by the connector where it can, before any is stored.
 * Spec: connect-rest 2.3.
 */
import type { ConnectorOffset } from '../api.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import type { PreparedSource } from '../catalog.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { OffsetsChange } from './herder.ts'
import type { OffsetEntry, OffsetStore } from './offsets/offset-store.ts'

export interface SourceOffsetsParts {
  readonly connector: string
  readonly store: OffsetStore
  /** Undefined when the class cannot be prepared: then nothing is checked. */
  readonly prepared: PreparedSource | undefined
}

export async function readSourceOffsets(parts: SourceOffsetsParts): Promise<ConnectorOffset[]> {
  return await parts.store.readAll(parts.connector)
}

/** Partitions that are not named keep their positions; null removes one. */
export async function alterSourceOffsets(
  parts: SourceOffsetsParts,
  offsets: readonly ConnectorOffset[],
): Promise<OffsetsChange> {
  const entries = offsets.map(({ partition, offset }): OffsetEntry => {
    if (partition !== null) return { partition, offset }
    const message = 'The partition for a source connector offset cannot be null or missing'
    throw new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
  })
  return await store(parts, entries)
}

/** Every known position is removed. */
export async function resetSourceOffsets(parts: SourceOffsetsParts): Promise<OffsetsChange> {
  const known = await parts.store.readAll(parts.connector)
  return await store(
    parts,
    known.map(({ partition }) => ({ partition, offset: null })),
  )
}

async function store(
  parts: SourceOffsetsParts,
  entries: readonly OffsetEntry[],
): Promise<OffsetsChange> {
  const check = parts.prepared?.checkOffsets
  try {
    check?.call(parts.prepared, entries)
  } catch (error) {
    if (!isScamanderError(error) || error.kind === 'config') throw error
    throw new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, error.message, { cause: error })
  }
  await parts.store.write(parts.connector, entries)
  return check === undefined ? 'by-framework' : 'by-connector'
}
