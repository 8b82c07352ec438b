/**
 * The worker's offset store as tasks in a thread see it: every call goes to the main thread, which
 * keeps the store.
 * Invariant: `write` resolves only when the store says that the positions are safe.
 * Spec: connect-rest 13.
 */
import { assert } from '../../base/assert.ts'
import type { SourceOffset, SourcePartition, SourcePosition } from '../../flow/index.ts'
import { type OffsetEntry, type OffsetStore, offsetKey } from '../offsets/offset-store.ts'
import { toError } from './plain-error.ts'
import type { Answer, OffsetsAnswers, OffsetsCall } from './thread-messages.ts'

export class ThreadOffsets implements OffsetStore {
  readonly #post: (call: number, of: OffsetsCall) => void
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #calls = 0

  constructor(post: (call: number, of: OffsetsCall) => void) {
    this.#post = post
  }

  async readAll(connector: string): Promise<SourcePosition[]> {
    return await this.#ask('readAll', { method: 'readAll', connector })
  }

  async read(
    connector: string,
    partitions: readonly SourcePartition[],
  ): Promise<(SourceOffset | undefined)[]> {
    return await this.#ask('read', { method: 'read', connector, partitions })
  }

  async keysOf(connector: string, partitions: readonly SourcePartition[]): Promise<string[]> {
    const keys = await this.#ask('keysOf', { method: 'keysOf', connector, partitions })
    return keys ?? partitions.map(partition => offsetKey(connector, partition))
  }

  async write(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    await this.#ask('write', { method: 'write', connector, entries })
  }

  /** The store belongs to the worker. */
  close(): Promise<void> {
    return Promise.resolve()
  }

  answered(call: number, answer: Answer): void {
    const waiting = this.#waiting.get(call)
    assert(waiting !== undefined, 'an answer belongs to a call')
    this.#waiting.delete(call)
    if ('error' in answer) waiting.reject(toError(answer.error))
    else waiting.resolve(answer.value)
  }

  async #ask<M extends keyof OffsetsAnswers>(
    _method: M,
    of: OffsetsCall & { readonly method: M },
  ): Promise<OffsetsAnswers[M]> {
    const call = ++this.#calls
    const waiting = Promise.withResolvers<unknown>()
    this.#waiting.set(call, waiting)
    this.#post(call, of)
    return (await waiting.promise) as OffsetsAnswers[M]
  }
}

/** Carries out, in the main thread, what a thread asked. */
export async function askOffsets(store: OffsetStore, of: OffsetsCall): Promise<unknown> {
  switch (of.method) {
    case 'readAll':
      return await store.readAll(of.connector)
    case 'read':
      return await store.read(of.connector, of.partitions)
    case 'keysOf':
      return await store.keysOf?.(of.connector, of.partitions)
    case 'write':
      return await store.write(of.connector, of.entries)
  }
}
