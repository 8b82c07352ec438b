/**
 * Encoder of boolean: JSON booleans, words in any letter case, and the numbers 1 and 0.
 * Made by `compileCellEncoder`. Invariant: any other word or number is refused.
 * Spec: cassandra-sink 9.2.
 */
import type { ByteWriter } from '../../../base/byte-writer.ts'
import { Decimal } from '../../../base/decimal.ts'
import type { Schema } from '../../../flow/index.ts'
import { CellEncoder, type Status, VALUE } from './cell-encoder.ts'
import type { Codec } from './codec-settings.ts'
import { booleanOfWord } from './number-value.ts'

export class BooleanEncoder extends CellEncoder {
  constructor(codec: Codec) {
    super('boolean', codec)
  }

  override fromText(writer: ByteWriter, text: string): Status {
    const value = booleanOfWord(text)
    if (value === undefined) return this.refuse('not a boolean', 'text')
    return this.fromBoolean(writer, value)
  }

  protected override fromBoolean(writer: ByteWriter, value: boolean): Status {
    writer.writeUInt8(value ? 1 : 0)
    return VALUE
  }

  protected override fromNumberText(writer: ByteWriter, text: string): Status {
    return this.#fromInteger(writer, Decimal.parse(text)?.toInteger())
  }

  protected override fromConnectNumber(
    writer: ByteWriter,
    value: number | bigint,
    _schema: Schema | null,
  ): Status {
    return this.#fromInteger(writer, Number(value))
  }

  protected override fromDecimal(writer: ByteWriter, value: Decimal): Status {
    return this.#fromInteger(writer, value.toInteger())
  }

  #fromInteger(writer: ByteWriter, value: bigint | number | undefined): Status {
    if (value !== undefined && Number(value) === 1) return this.fromBoolean(writer, true)
    if (value !== undefined && Number(value) === 0) return this.fromBoolean(writer, false)
    return this.refuse('not a boolean', 'number other than 0 and 1')
  }
}
