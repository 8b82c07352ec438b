/**
 * The sinks of the product, one folder each, each with a door of its own.
 * Listed by name in `catalog.ts`, which is their only user.
 * The contract they keep is `Sink` in src/flow/interfaces.ts.
 */
export * from './table/index.ts'
