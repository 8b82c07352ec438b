/**
 * Conversion of cells to CQL values: the DataStax dialect's conversion table.
 * Used by the table sink: compile the codec of a topic, compile an encoder per column, then call
 * `json`, `text` or `value` per cell.
 * Spec: cassandra-sink 3.6, 5.4, 9.
 */
export { CellEncoder, EMPTY, NULL, type Status, VALUE } from './cell-encoder.ts'
export {
  CODEC_DEFAULTS,
  COMPAT_FIXED,
  type Codec,
  type CodecOptions,
  type CodecSettings,
  type CompatFlags,
  type ConversionRules,
  compatFlags,
  compileCodecSettings,
  type HostResolver,
  type SettingProblem,
} from './codec-settings.ts'
export { compileCellEncoder } from './compile-encoder.ts'
export { ConversionFailure, type FailureReason, failure } from './conversion-failure.ts'
export { indexOfName } from './json-rules.ts'
export { TIME_UNITS, type TimeUnit, toMicros, toSeconds } from './time-unit.ts'
export { toTree, treeOfText } from './value-tree.ts'
