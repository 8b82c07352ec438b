/**
 * Decodes queued frames with the definition they were written under.
 * Used by CdcSource. One decoder per definition is kept; a frame that does not fit its definition is
 * an error of that frame.
 * Spec: cdc-replication 1.6, 3.7.
 */
import { Mutation, MutationDecoder } from '../../../commitlog/index.ts'
import { readChanges, readKey } from '../change.ts'
import { FRAME_HEADER_BYTES, type Frame } from '../frame.ts'
import type { Channel } from '../state/records.ts'
import { type KnownDefinition, lookupOf } from '../state/table-definition.ts'
import { type ChangeEvent, toEvent } from './change-event.ts'

export class FrameDecoder {
  readonly #decoders = new Map<KnownDefinition, MutationDecoder>()
  readonly #mutation = new Mutation()

  decode(
    frame: Frame,
    definition: KnownDefinition,
    { cluster, dataCenter, emit }: Pick<Channel, 'cluster' | 'dataCenter' | 'emit'>,
  ): ChangeEvent[] {
    const { bytes, version, segmentId, position } = frame
    const mutation = this.#mutation
    // A mutation of one update: the count, for which the header has a byte to spare, then the update.
    bytes[FRAME_HEADER_BYTES - 1] = 1
    mutation.bytes = bytes
    mutation.start = FRAME_HEADER_BYTES - 1
    mutation.end = bytes.length
    mutation.version = version
    this.#decoderOf(definition).decode(mutation)
    const [only] = mutation.updates
    if (only === undefined) return []
    const { hostId, updateIndex, readAtMs } = frame
    const isConfirmed = !frame.isUnconfirmed
    const at = { hostId, segmentId, position, updateIndex, version, readAtMs, isConfirmed }
    const replica = frame.isOverdue ? 'overdue' : emit
    const place = { cluster, dataCenter, ...at, replica } as const
    const { table, number: definitionNumber } = definition
    const key = readKey(mutation, only)
    return readChanges(mutation, only).map((change, seq) =>
      toEvent({ table, definitionNumber, place, key, seq }, change),
    )
  }

  #decoderOf(definition: KnownDefinition): MutationDecoder {
    let decoder = this.#decoders.get(definition)
    if (decoder === undefined) {
      decoder = new MutationDecoder({ schema: lookupOf(definition.table) })
      this.#decoders.set(definition, decoder)
    }
    return decoder
  }
}
