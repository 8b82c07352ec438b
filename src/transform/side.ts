/**
 * The key or the value of a record, whichever a `$Key` or `$Value` class works on.
 * Reads materialise raw text and keep the result, so that a chain decodes each side at most once.
 * Invariant: the other side is never touched.
 */
import type { Config, Fields, Settings } from '../config/index.ts'
import type { FlowRecord, Schema, Transform, Value } from '../flow/index.ts'
import { pluginFactory, type TransformContext, type TransformFactory } from './plugin.ts'

export interface Side {
  readonly isKey: boolean
  schemaOf(record: FlowRecord): Schema | null
  /** Never raw text. */
  valueOf(record: FlowRecord): Value
  put(record: FlowRecord, schema: Schema | null, value: Value): FlowRecord
}

export function keySide({ materialise }: TransformContext): Side {
  return {
    isKey: true,
    schemaOf: record => record.keySchema,
    valueOf: record => {
      record.key = materialise(record.key)
      return record.key
    },
    put: (record, schema, value) => {
      record.keySchema = schema
      record.key = value
      return record
    },
  }
}

export function valueSide({ materialise }: TransformContext): Side {
  return {
    isKey: false,
    schemaOf: record => record.valueSchema,
    valueOf: record => {
      record.value = materialise(record.value)
      return record.value
    },
    put: (record, schema, value) => {
      record.valueSchema = schema
      record.value = value
      return record
    },
  }
}

/** The `$Key` and the `$Value` class of one transform. */
export function sidedFactories<F extends Fields>(
  name: string,
  config: Config<F>,
  make: (settings: Settings<F>, side: Side) => Transform,
): readonly TransformFactory[] {
  return [
    pluginFactory(`${name}$Key`, config, (settings, context) => make(settings, keySide(context))),
    pluginFactory(`${name}$Value`, config, (settings, context) =>
      make(settings, valueSide(context)),
    ),
  ]
}
