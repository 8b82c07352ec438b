/**
 * Single message transforms and predicates of Kafka Connect: pure steps from record to record.
 * The only door of the room. Start with `buildTransformChain`; a class is one file, listed in
 * `transform-classes.ts`. Spec: connect-rest 15.
 */
export * from './errors.ts'
export type {
  PluginFactory,
  Predicate,
  PredicateFactory,
  TransformContext,
  TransformFactory,
} from './plugin.ts'
export * from './transform-chain.ts'
export * from './transform-classes.ts'
