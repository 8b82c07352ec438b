/**
 * The token of a row's partition, from its cells. Used by the table writer for the order of keys and by
 * the sender for the replicas of a row.
 * Invariant: the value is overwritten by the next row; whoever keeps it copies it.
 * Spec: native protocol v5 (serialization of values); Cassandra's Murmur3 partitioner.
 */
import { ByteWriter } from '../base/byte-writer.ts'
import {
  type Codec,
  type CqlValue,
  codecFor,
  murmur3Token,
  writeCell,
  writeKeyComponent,
} from '../cql/index.ts'
import type { TaskTarget } from './task-target.ts'

export class RowToken {
  readonly #codecs: readonly Codec[]
  readonly #token = { high: 0, low: 0 }
  readonly #key = new ByteWriter(256)
  readonly #cell = new ByteWriter(256)

  constructor({ columns, partitionCount }: TaskTarget) {
    this.#codecs = columns.slice(0, partitionCount).map(one => codecFor(one.type))
  }

  of(cells: readonly CqlValue[]): { readonly high: number; readonly low: number } {
    const [cell, key, codecs] = [this.#cell, this.#key, this.#codecs]
    key.reset()
    for (let index = 0; index < codecs.length; index++) {
      cell.reset()
      writeCell(codecs[index]!, cells[index]!, cell)
      const length = cell.position - 4
      if (codecs.length === 1) key.writeBytes(cell.bytes, 4, cell.position)
      else writeKeyComponent(key, cell.bytes, { start: 4, length })
    }
    murmur3Token(key.bytes, { start: 0, end: key.position }, this.#token)
    return this.#token
  }
}
