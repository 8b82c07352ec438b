/**
 * Converters between the bytes of Kafka messages and Connect's data model: strings, bytes, fixed
 * width numbers, JSON with and without schemas, Avro, Protobuf and JSON Schema with a registry,
 * headers. Pure, no I/O. The only door of the room.
 * Start with `converterClasses`: it makes converters by the class names of configurations.
 */
export * from './byte-array-converter.ts'
export * from './converter-classes.ts'
export * from './decimal-bytes.ts'
export * from './errors.ts'
export * from './header/header-parser.ts'
export * from './header/header-text.ts'
export * from './header/simple-header-converter.ts'
export * from './json/json-converter.ts'
export * from './json/json-converter-config.ts'
export * from './materialise.ts'
export * from './primitive-converter.ts'
export * from './string-converter.ts'
export * from './value-text.ts'
