/**
 * The serialized partition key, which the token is computed from. A single component is its plain
 * bytes; several are each written as
 *
 *     [short] length  bytes  [byte] 0
 *
 * Called once per row, from cells that are encoded already.
 */
import { assert } from '../../base/assert.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

const COMPONENT_BYTES_MAX = 65_535

/** Appends one component of a composite partition key: the cell `source[start..start + length)`. */
export function writeKeyComponent(
  writer: ByteWriter,
  source: Uint8Array,
  { start, length }: { readonly start: number; readonly length: number },
): void {
  assert(length >= 0 && length <= COMPONENT_BYTES_MAX, 'a key component has 0 to 65535 bytes')
  writer.writeInt16(length)
  writer.writeBytes(source, start, start + length)
  writer.writeUInt8(0)
}

/** The serialized key of whole components. */
export function partitionKeyOf(components: readonly Uint8Array[], writer: ByteWriter): Buffer {
  const start = writer.position
  if (components.length === 1) writer.writeBytes(components[0]!)
  else for (const c of components) writeKeyComponent(writer, c, { start: 0, length: c.length })
  return writer.bytes.subarray(start, writer.position)
}
