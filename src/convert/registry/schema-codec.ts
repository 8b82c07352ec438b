/**
 * What a format (Avro, Protobuf, JSON Schema) adds to the converter that they share: translation of
 * schemas both ways, and compiled decoders and encoders of payloads.
 * Implemented in avro, protobuf and json-schema; used by `registry-converter.ts`.
 * Invariant: compiling may take long and throws kind `data`; decoding and encoding never wait.
 */
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { Decoded, RegistrySchema, Schema, SchemaFormat, Value } from '../../flow/index.ts'

export interface PayloadDecoder {
  /**
   * `bytes[start..end)` behind the id. `indexes` is the Protobuf message path when it came in a
   * header; else it stands at the start of the payload.
   */
  decode(bytes: Buffer, start: number, end: number, indexes?: Buffer): Decoded
}

export interface PayloadEncoder {
  /** Appends the payload; never called with a null that the schema does not allow. */
  write(out: ByteWriter, value: Value): void
}

/** A Connect schema translated for the registry. */
export interface TranslatedSchema {
  readonly text: string
  /** For subjects named after records; undefined for a schema without a name. */
  readonly recordName: string | undefined
}

export interface SchemaCodec {
  readonly format: SchemaFormat
  compileDecoder(schema: RegistrySchema): PayloadDecoder
  translate(schema: Schema | null): TranslatedSchema
  /**
   * For values of `schema`, written by the registered schema: our own translation, or another
   * version of its subject, whose fields are matched by name. `dropUnknown`: fields that it does not
   * have are left out; else they are an error.
   */
  compileEncoder(
    schema: Schema | null,
    registered: Pick<RegistrySchema, 'text' | 'imports'>,
    dropUnknown: boolean,
  ): PayloadEncoder
}
