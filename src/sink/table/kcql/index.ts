/**
 * The KCQL dialects of the table sink: classic (10.1-10.6) and current (10.7). Their door within
 * the table sink; both compile to the settings of `TableSink`.
 * Used by `catalog.ts` and by `scamander convert` through the doors above.
 */
export {
  CLASSIC_KCQL_SINK_CLASSES,
  classicKcqlSinkConfig,
  type ParsedKcqlSink,
  parseClassicKcqlSink,
} from './classic-config.ts'
export type { ConversionRemark } from './convert/conversion-writer.ts'
export {
  CONVERSION_TARGETS,
  type ConversionTarget,
  convertSinkConfig,
  type SinkConversion,
} from './convert/convert-sink-config.ts'
export {
  KCQL_SINK_CLASS,
  kcqlSinkConfig,
  kcqlSinkProblems,
  parseKcqlSink,
} from './current-config.ts'
export type { PutRules } from './put-rules.ts'
export {
  aliasCheck,
  insertsOf,
  KCQL_KEY,
  type KcqlSourceConnection,
  kcqlSourceFields,
  placeIn,
  reportAt,
  toKcqlSourceConnection,
} from './source-connection.ts'
