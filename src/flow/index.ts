/**
 * The nouns of the product: schema, value, record, batch, position, outcome, and the interfaces of
 * sources, converters, transforms and sinks. No behaviour lives here.
 * Imported by every room from level 3 up; read `interfaces.ts` first.
 */
export * from './interfaces.ts'
export * from './record.ts'
export * from './schema.ts'
export * from './schema-registry.ts'
export * from './source.ts'
export * from './value.ts'
