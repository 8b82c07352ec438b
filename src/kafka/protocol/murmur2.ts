/**
 * Kafka's default partitioner hash: 32-bit murmur2 of the key's bytes.
 * Called by the producer per record with a key, so that keys go where the Java client puts them.
 * Spec: murmur2 with seed 0x9747b28c, little-endian words.
 */

/** The partition of a key among `count`. */
export function partitionOfKey(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count
}

/** The hash, as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const wordsEnd = length & ~3
  let hash = 0x9747b28c ^ length
  for (let at = 0; at < wordsEnd; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, 0x5bd1e995)
    word ^= word >>> 24
    word = Math.imul(word, 0x5bd1e995)
    hash = Math.imul(hash, 0x5bd1e995) ^ word
  }
  const rest = length - wordsEnd
  if (rest > 2) hash ^= bytes[wordsEnd + 2]! << 16
  if (rest > 1) hash ^= bytes[wordsEnd + 1]! << 8
  if (rest > 0) hash = Math.imul(hash ^ bytes[wordsEnd]!, 0x5bd1e995)
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995)
  return hash ^ (hash >>> 15)
}
