/**
 * The token of a row, from the cells of its partition key: how far a range has been read.
 * Chosen once per statement; called once per page.
 * Spec: cassandra-sink 11.8 (partitioners).
 */
import { createHash } from 'node:crypto'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { type CellCursor, murmur3Token, partitionKeyOf, tokenToBigint } from '../../../cql/index.ts'

/** The token of the cursor's row; undefined when its key is not among the columns. */
export type TokenOf = (cursor: CellCursor) => bigint | undefined

export type Partitioner = 'murmur3' | 'random'

/** `keyIndexes`: where the columns of the partition key are in the result. */
export function tokenReader(partitioner: Partitioner, keyIndexes: readonly number[]): TokenOf {
  if (keyIndexes.includes(-1)) return () => undefined
  const writer = new ByteWriter(256)
  return cursor => {
    const components: Buffer[] = []
    for (const index of keyIndexes) {
      const length = cursor.lengths[index]!
      if (length < 0) return undefined
      const start = cursor.starts[index]!
      components.push(cursor.bytes.subarray(start, start + length))
    }
    writer.reset()
    const key = partitionKeyOf(components, writer)
    return partitioner === 'murmur3' ? murmur3Of(key) : randomOf(key)
  }
}

const token = { high: 0, low: 0 }

function murmur3Of(key: Buffer): bigint {
  murmur3Token(key, { start: 0, end: key.length }, token)
  return tokenToBigint(token)
}

/** The absolute value of the MD5 sum as a signed number. */
function randomOf(key: Buffer): bigint {
  const sum = createHash('md5').update(key).digest('hex')
  const signed = BigInt.asIntN(128, BigInt(`0x${sum}`))
  return signed < 0n ? -signed : signed
}
