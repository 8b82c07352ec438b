/**
 * The key or the value of one record, opened for field access without building anything: JSON stays
 * in its bytes, structs stay structs. One instance per side and task, reused for every record.
 * Invariant: valid until the next `open`; nothing of the record is changed.
 * Spec: cassandra-sink 4.3 (what is recognised as what).
 */
import { JsonIndex } from '../../../base/json/json-index.ts'
import { sourceOf } from '../../../config/index.ts'
import { JsonConverter, materialise } from '../../../convert/index.ts'
import { RawText, type Schema, Struct, type Value } from '../../../flow/index.ts'

/** text: a string that is no JSON object, also an empty one; raw: any other value without fields. */
export type SideForm = 'null' | 'json' | 'struct' | 'text' | 'raw'

const EMPTY = Buffer.alloc(0)
/** Writes schemaless data as JSON again, as the reference does before it looks inside. */
const jsonText = JsonConverter.fromConfig(sourceOf({ 'schemas.enable': 'false' }))

export class SideView {
  form: SideForm = 'null'
  /** The JSON or other text: `bytes[start..end)`. */
  bytes: Buffer = EMPTY
  start = 0
  end = 0
  /** Numbers of the JSON text passed through INT64 and FLOAT64 (JsonConverter without schemas). */
  isConnect = false
  readonly index = new JsonIndex()
  struct: Struct | undefined
  value: Value = null
  schema: Schema | null = null

  open(value: Value, schema: Schema | null): void {
    this.schema = schema
    if (value === null) this.form = 'null'
    else if (value instanceof RawText) this.#openRaw(value)
    else if (typeof value === 'string') this.#openText(Buffer.from(value))
    else if (value instanceof Struct) {
      this.form = 'struct'
      this.struct = value
      this.value = value
    } else if (value instanceof Map) this.#openMap(value)
    else {
      this.form = 'raw'
      this.value = value
    }
  }

  /** Has it fields of its own, besides the whole? */
  get hasFields(): boolean {
    if (this.form === 'json') return this.index.memberCount > 0
    return this.form === 'struct' && this.struct!.schema.fields.length > 0
  }

  #openRaw(text: RawText): void {
    const { bytes, start, end } = text
    this.isConnect = text.form === 'json'
    if (this.index.scan(bytes, start, end) === 'object') this.#setText('json', bytes, start, end)
    else if (text.form === 'string') this.#setText('text', bytes, start, end)
    else {
      const value = materialise(text)
      if (typeof value === 'string') this.#openText(Buffer.from(value))
      else if (value === null) this.form = 'null'
      else {
        this.form = 'raw'
        this.value = value
      }
    }
  }

  #openText(bytes: Buffer): void {
    this.isConnect = false
    const form = this.index.scan(bytes, 0, bytes.length) === 'object' ? 'json' : 'text'
    this.#setText(form, bytes, 0, bytes.length)
  }

  #openMap(value: Value): void {
    const bytes = jsonText.encode('', null, value) ?? EMPTY
    this.index.scan(bytes, 0, bytes.length)
    this.#setText('json', bytes, 0, bytes.length)
    this.isConnect = true
  }

  #setText(form: 'json' | 'text', bytes: Buffer, start: number, end: number): void {
    this.form = form
    this.bytes = bytes
    this.start = start
    this.end = end
  }
}
