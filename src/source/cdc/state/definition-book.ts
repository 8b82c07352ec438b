/**
 * Definitions of tables as decoders need them, each parsed once.
 * Made by Capture over its store. Invariant: a frame's definition is there before the frame is.
 * Spec: cdc-replication 8.1.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { CaptureStore } from './capture-store.ts'
import { type KnownDefinition, parseDefinition } from './table-definition.ts'

export class DefinitionBook {
  readonly #store: CaptureStore
  readonly #known = new Map<string, KnownDefinition>()

  constructor(store: CaptureStore) {
    this.#store = store
  }

  of(tableId: string, hash: bigint): KnownDefinition {
    const name = `${tableId}/${hash}`
    let known = this.#known.get(name)
    if (known !== undefined) return known
    const text = this.#store.definition(tableId, hash)
    if (text === undefined) {
      const message = `expected the definition ${name} beside the queue, found none`
      throw new ScamanderError(CDC_ERRORS.STATE, message)
    }
    known = { table: parseDefinition(text), number: this.#store.definitionNumber(tableId, hash) }
    this.#known.set(name, known)
    return known
  }

  /** The same as text, for deliverers elsewhere. */
  text(tableId: string, hash: bigint): { readonly text: string; readonly number: number } {
    const { number } = this.of(tableId, hash)
    return { text: this.#store.definition(tableId, hash) ?? '', number }
  }
}
