/**
 * The sinks of the product, one folder each. Listed by name in `catalog.ts`.
 */
export * from './table/index.ts'
