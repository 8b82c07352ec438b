/**
 * KCQL: text to syntax tree and back. The only door of the room; used by the KCQL sinks, the
 * KCQL source, and the commands that explain and translate configurations.
 * Start with `parseKcql` and `syntax-tree.ts`; nothing here knows Cassandra or Kafka.
 */
export { CLAUSE_NAMES, type ClauseName } from './clause-shapes.ts'
export * from './errors.ts'
export * from './kcql-field.ts'
export { parseKcql } from './parse-kcql.ts'
export { printKcql } from './print-kcql.ts'
export * from './syntax-tree.ts'
