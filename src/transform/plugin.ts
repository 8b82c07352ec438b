/**
 * What a transform or predicate class is to the rest of the product: a class name, its declared
 * settings, and a way to make instances. Used by every class of the room and by the chain.
 * Invariant: settings are parsed once, when the instance is made; applying never reads them.
 */
import {
  type AnyConfig,
  type Config,
  type ConfigSource,
  type Fields,
  parseConfig,
  type Settings,
} from '../config/index.ts'
import type { FlowRecord, Schema, Transform, Value } from '../flow/index.ts'

/** What the room needs of the converters, which it may not import. */
export interface TransformContext {
  /** Raw text becomes the value it stands for; other values are returned as they are. */
  readonly materialise: (value: Value) => Value
  /** The type and value of a literal, as the default header converter reads them. */
  readonly parseLiteral: (text: string) => { schema: Schema | null; value: Value }
}

export interface Predicate {
  test(record: FlowRecord): boolean
}

export interface PluginFactory<T> {
  /** The full Java class name. */
  readonly className: string
  readonly config: AnyConfig
  /** Keys without prefix; throws ConfigError. */
  create(source: ConfigSource, context: TransformContext): T
}

export type TransformFactory = PluginFactory<Transform>
export type PredicateFactory = PluginFactory<Predicate>

/** Settings that belong to the chain, not to the class. */
export const CHAIN_KEYS: ReadonlySet<string> = new Set(['type', 'predicate', 'negate'])

export const TRANSFORMS_PACKAGE = 'org.apache.kafka.connect.transforms'

export function pluginFactory<F extends Fields, T>(
  name: string,
  config: Config<F>,
  make: (settings: Settings<F>, context: TransformContext) => T,
): PluginFactory<T> {
  return {
    className: `${TRANSFORMS_PACKAGE}.${name}`,
    config,
    create: (source, context) => {
      const isForeignKey = (key: string) => CHAIN_KEYS.has(key)
      return make(parseConfig(config, source, { isForeignKey }).settings, context)
    },
  }
}
