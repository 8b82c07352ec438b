/**
 * The values region of an EXECUTE, `[short n] n × [value]`, from values of the statement's types.
 * Called once per query of a query source, never per row.
 * Spec: native protocol v5, section 4.1.4.
 */
import { ByteWriter } from '../../base/byte-writer.ts'
import { type CqlType, type CqlValue, codecFor, writeCell } from '../../cql/index.ts'

export function boundValues(values: readonly (readonly [CqlType, CqlValue])[]): Buffer {
  const writer = new ByteWriter(16 + values.length * 16)
  writer.writeInt16(values.length)
  for (const [type, value] of values) writeCell(codecFor(type), value, writer)
  return Buffer.from(writer.view())
}
